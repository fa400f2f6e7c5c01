/**
 * What the rows of an imported table look like: distances and places of times, signs of another zone, of swapped columns, of several series
 * in one file. Facts only; `src/market/recognise/` and the command judge them.
 */
import { HOUR, type Span, type Timeframe, timeframeMs } from '../core/time.js'
import type { Phases, Spacings } from '../market/recognise/times.js'
import { secondPass, windowsOf, type Zone } from '../market/recognise/zones.js'
import { duckdb } from './duckdb.js'
import { ask } from './import-table.js'

/** Sorted distinct times and the distance to the next, made once: sorting years of minutes is the most expensive thing here. */
const spaced = (table: string) => `${table}_spaced`

/** So many equal distances in a row are no accident of gaps. */
const STRETCH = 20

/** Distances of a table's times; to be asked for before `hourSigns`, and again when times have changed. */
export async function spacingsOf(table: string, lengths: readonly number[]): Promise<Spacings> {
  await (await duckdb()).run(
    `CREATE OR REPLACE TEMP TABLE ${spaced(table)} AS SELECT ms, lead(ms) OVER (ORDER BY ms) - ms AS d FROM (SELECT DISTINCT ms FROM ${table} WHERE ms IS NOT NULL)`,
  )
  const common = (
    await ask(
      `SELECT d::DOUBLE AS ms, count(*)::DOUBLE AS n FROM ${spaced(table)} WHERE d IS NOT NULL GROUP BY d ORDER BY n DESC, d LIMIT 50`,
    )
  ).map(({ ms, n }) => ({ ms: Number(ms), count: Number(n) }))
  if (common.length === 0) return { common, total: 0, shorter: 0, stretch: null }
  const step = common[0].ms
  const [counts] = await ask(
    `SELECT count(d)::DOUBLE AS total, count(CASE WHEN d < ${step} AND d IN (${lengths.join(', ')}) THEN 1 END)::DOUBLE AS shorter FROM ${spaced(table)}`,
  )
  const others = lengths.filter((ms) => ms > step)
  const [stretch] =
    others.length === 0
      ? []
      : await ask(
          `SELECT d::DOUBLE AS ms, min(ms)::DOUBLE AS start, count(*)::DOUBLE AS n FROM (
             SELECT ms, d, row_number() OVER (ORDER BY ms) - row_number() OVER (PARTITION BY d ORDER BY ms) AS part FROM ${spaced(table)}
           ) WHERE d IN (${others.join(', ')}) GROUP BY d, part HAVING count(*) >= ${STRETCH} ORDER BY start LIMIT 1`,
        )
  return {
    common,
    total: Number(counts.total),
    shorter: Number(counts.shorter),
    stretch:
      stretch === undefined ? null : { ms: Number(stretch.ms), from: Number(stretch.start), count: Number(stretch.n) },
  }
}

export async function phasesOf(table: string, timeframe: Timeframe): Promise<Phases> {
  const common = await ask(
    `SELECT (ms % ${timeframeMs(timeframe)})::DOUBLE AS ms, count(*)::DOUBLE AS n FROM ${table} GROUP BY 1 ORDER BY n DESC, 1`,
  )
  return {
    common: common.map(({ ms, n }) => ({ ms: Number(ms), count: Number(n) })),
    total: common.reduce((sum, { n }) => sum + Number(n), 0),
  }
}

/** Rows of candles that contradict themselves, as swapped columns do. */
export async function contradictionsOf(table: string): Promise<number> {
  const [{ n }] = await ask(
    `SELECT count(*)::DOUBLE AS n FROM ${table} WHERE high < greatest(open, close) OR low > least(open, close)`,
  )
  return Number(n)
}

/** Times at which rows with different values stand, and times in all. */
export async function conflictsOf(
  table: string,
  column: 'close' | 'rate',
): Promise<{ conflicts: number; times: number }> {
  const [row] = await ask(
    `SELECT count(CASE WHEN a <> b THEN 1 END)::DOUBLE AS conflicts, count(*)::DOUBLE AS times
     FROM (SELECT min(${column}) AS a, max(${column}) AS b FROM ${table} GROUP BY ms)`,
  )
  return { conflicts: Number(row.conflicts), times: Number(row.times) }
}

/** Rows whose close time lies before their open time, or more than a bar after it. */
export async function wrongEndsOf(table: string, timeframe: Timeframe): Promise<number> {
  const [{ n }] = await ask(
    `SELECT count(*)::DOUBLE AS n FROM ${table} WHERE close_ms <= ms OR close_ms > ms + ${timeframeMs(timeframe)}`,
  )
  return Number(n)
}

/** The middle of the sizes of funding rates. */
export async function typicalRate(table: string): Promise<number> {
  const [{ m }] = await ask(`SELECT median(abs(rate)) AS m FROM ${table} WHERE rate <> 0`)
  return m === null ? 0 : Number(m)
}

/** Frees what `spacingsOf` made. */
export async function dropSpacings(table: string): Promise<void> {
  await (await duckdb()).run(`DROP TABLE IF EXISTS ${spaced(table)}`)
}

/** Holes of exactly one hour, and hours in which times stand twice; none when there are too many to mean anything. */
export async function hourSigns(table: string, timeframe: Timeframe): Promise<{ holes: Span[]; repeats: number[] }> {
  const step = timeframeMs(timeframe)
  if (step > HOUR) return { holes: [], repeats: [] }
  const holes = await ask(`SELECT ms::DOUBLE AS ms FROM ${spaced(table)} WHERE d = ${step + HOUR} ORDER BY ms`)
  const repeats = await ask(
    `SELECT DISTINCT (ms // ${HOUR} * ${HOUR})::DOUBLE AS ms FROM (SELECT ms FROM ${table} GROUP BY ms HAVING count(*) > 1) ORDER BY 1 LIMIT ${MANY}`,
  )
  return {
    holes: holes.map(({ ms }) => ({ from: Number(ms) + step, to: Number(ms) + step + HOUR })),
    repeats: repeats.length === MANY ? [] : repeats.map(({ ms }) => Number(ms)),
  }
}

/** Two clock changes a year, for longer than there are such tables. */
const MANY = 100

export type ZoneFinding = { readonly time: number; readonly count: number; readonly why: 'skipped' | 'ambiguous' }

/**
 * Makes the local times of a table UTC. Hours that happen twice are told apart by the order of the rows.
 *
 * @returns local times of which it cannot be told when they were; the table is then half done and of no use
 */
export async function applyZone(table: string, zone: Zone, isReversed: boolean): Promise<ZoneFinding[]> {
  const findings: ZoneFinding[] = []
  const seconds: string[] = []
  for (const { window, twice, change } of windowsOf(zone)) {
    const rows = await ask(
      `SELECT rowid::DOUBLE AS row, ms::DOUBLE AS ms FROM ${table} WHERE ms >= ${window.from} AND ms < ${window.to} ORDER BY rowid ${isReversed ? 'DESC' : ''}`,
    )
    if (rows.length === 0) continue
    const second = twice ? secondPass(rows.map(({ ms }) => Number(ms))) : null
    if (second === null) {
      findings.push({ time: Number(rows[0].ms), count: rows.length, why: twice ? 'ambiguous' : 'skipped' })
    } else {
      const row = Number(rows[second].row)
      seconds.push(
        `WHEN ms >= ${window.from} AND ms < ${window.to} AND rowid ${isReversed ? '<=' : '>='} ${row} THEN ${change.after}`,
      )
    }
  }
  const later = windowsOf(zone)
    .map(({ window, change }) => `WHEN ms >= ${window.to} THEN ${change.after}`)
    .reverse()
  const cases = [...seconds, ...later].join(' ')
  const offset = cases === '' ? String(zone.first) : `CASE ${cases} ELSE ${zone.first} END`
  if (findings.length === 0) await (await duckdb()).run(`UPDATE ${table} SET ms = ms - (${offset})`)
  return findings
}
