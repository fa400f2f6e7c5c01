/**
 * Groups of feature columns on disk, and the months of the table that are put together from them.
 */
import { readFileSync } from 'node:fs'
import type { FeatureDefinition } from '../features/definition.js'
import type { Absence } from '../features/matrix.js'
import { readColumns } from './column-file.js'
import { type Schema, writeParquet } from './parquet.js'

/** What a group's file of columns holds, stored beside it. */
export type FeatureGroup = {
  readonly rows: number
  readonly from: number // open time of the first row, UTC ms
  readonly features: readonly FeatureDefinition[] // in the order of the columns
  readonly absent: readonly Absence[]
}

export function readGroups(paths: readonly string[]): FeatureGroup[] {
  return paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as FeatureGroup)
}

export type MonthOfTable = {
  readonly from: number // open time of its first row, UTC ms
  readonly rows: number
  readonly stepMs: number
  readonly groups: readonly FeatureGroup[]
  readonly files: readonly string[] // of the groups, in their order
}

/** @returns number of feature columns */
export async function writeFeatureMonth(path: string, month: MonthOfTable): Promise<number> {
  const { from, rows, stepMs, groups, files } = month
  const openTime = Float64Array.from({ length: rows }, (_, i) => from + i * stepMs)
  const columns: Record<string, Float32Array> = {}
  for (const [i, group] of groups.entries()) {
    const start = (from - group.from) / stepMs
    const part = { rows: group.rows, columns: group.features.length, start, end: start + rows }
    for (const [c, values] of readColumns(files[i], part).entries()) columns[group.features[c].name] = values
  }
  const names = Object.keys(columns)
  const schema: Schema = {
    open_time: 'time',
    available_time: 'time',
    ...Object.fromEntries(names.map((name) => [name, 'float'])),
  }
  const times = { open_time: openTime, available_time: openTime.map((time) => time + stepMs) }
  await writeParquet(path, schema, { rows, numbers: { ...times, ...columns } })
  return names.length
}
