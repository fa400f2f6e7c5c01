/**
 * One column of the feature table, whole: for what is made of a feature's own values.
 */
import { UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import type { Bars } from '../market/bars.js'
import { columnNames, readParquet } from './parquet.js'
import { checkSameBars } from './training-table.js'

/**
 * @param request.setting  where the user named it
 * @param request.of       the bars that the table must be of
 * @returns                NaN = not known [rows]
 * @throws UserError when there is no such column, or the table is of other bars
 */
export async function readFeature(
  paths: readonly string[],
  { name, setting, of }: { readonly name: string; readonly setting: string; readonly of: Bars },
): Promise<Float64Array> {
  const names = (await columnNames(paths)).filter((column) => !['open_time', 'available_time'].includes(column))
  if (!names.includes(name)) {
    throw new UserError(
      `${setting} is ${name}, which is none of the ${names.length} feature columns${suggestion(name, names)}`,
      { hint: 'sluice features list shows the columns; features.include adds some to the table' },
    )
  }
  const { numbers } = await readParquet(paths, ['open_time', name])
  checkSameBars(numbers.open_time, of.openTime, 'decision bars')
  return numbers[name]
}
