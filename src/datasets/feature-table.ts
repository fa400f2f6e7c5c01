/**
 * A little of a feature table, for people who want to look at it.
 */
import { readdirSync } from 'node:fs'
import { UserError } from '../core/errors.js'
import { columnNames, readParquet } from './parquet.js'
import { absolute, type Workspace } from './workspace.js'

export type ColumnStretch = {
  readonly time: Float64Array // UTC ms: when each row was available [n]
  readonly values: Float64Array // NaN = not known [n]
}

/**
 * The last `spanMs` of one column of a table.
 *
 * @param folder  of the table, relative to the root
 * @returns       null when there is no table there
 * @throws UserError when the table has no such column
 */
export async function newestOf(
  workspace: Workspace,
  folder: string,
  { column, spanMs }: { readonly column: string; readonly spanMs: number },
): Promise<ColumnStretch | null> {
  const files = monthsIn(absolute(workspace, folder)).map((name) => absolute(workspace, `${folder}/${name}`))
  if (files.length === 0) return null
  // A week may lie in two months.
  const last = files.slice(-2)
  if (!(await columnNames(last)).includes(column)) {
    throw new UserError(`the table in ${folder} has no column ${column}`, {
      hint: `sluice features --set 'features.include=[core, ${column}]' makes one`,
    })
  }
  const { numbers } = await readParquet(last, ['available_time', column])
  const time = numbers.available_time
  const end = time.at(-1) ?? 0
  const from = time.findIndex((one) => one > end - spanMs)
  return { time: time.subarray(from), values: numbers[column].subarray(from) }
}

function monthsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{4}-\d{2}\.parquet$/.test(name))
      .sort()
  } catch {
    return []
  }
}
