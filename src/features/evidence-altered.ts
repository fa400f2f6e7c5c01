/**
 * Thousands of rows at once: the bars and prints outside of what a row may know are altered, and its value must stay. Between
 * two rows so looked at lies the look-back of the second, so that one pass over the data looks at as many rows as they hold
 * look-backs, at the cost of one column.
 *
 * What depends on a window is held against the table: it must not move when all before and after its window is another. What
 * remembers since the last hole is held against a pass in which a hole stands before each stretch, the same but for what
 * comes after the row.
 */
import { createRandom, type Random } from '../core/random.js'
import { isoMinute, type Timeframe, timeframeMs } from '../core/time.js'
import { BAR_VALUES, type Bars, sliceBars } from '../market/bars.js'
import { type AlteredSpan, alteredIn, silencedIn } from './alter.js'
import type { Subject } from './certificate.js'
import { seriesTableAt } from './cut.js'
import { type Broken, isSame, shown } from './evidence.js'
import { SERIES_FACTS } from './evidence-series.js'
import type { Family } from './feature.js'
import { seriesOf } from './inputs.js'
import { type FeatureSource, openSource } from './matrix.js'
import { barsAt, placeCuts, rareTimes } from './place-cuts.js'

/** Rows that are looked at of each column, unless that takes too many passes: one in 500 is then met with hardly a doubt. */
const ROWS = 4096
const MOST_PASSES = 48
const LEAST_PASSES = 8
/** Fits and transforms, each row of which costs as much as fifty of others: they get the least of passes, and short ones. */
const COSTLY: readonly Family[] = ['spectral', 'volatility-model', 'regime']
/** Rows of a pass beyond the look-back: of more data each pass takes a stretch, another every time. */
const ROWS_OF_PASS = 8192
const ROWS_OF_COSTLY_PASS = 512
/** Every fourth pass alters several bars after each cut, the others one: what looks one bar ahead shows at the most rows then. */
const LONGEST_BURST = 8

/** Columns that are judged together. */
type Group = {
  readonly timeframe: Timeframe
  readonly memory: 'window' | 'recursive'
  readonly lookback: number // the longest, bars
  readonly carried: number // bars by which series reach back further
  readonly isCostly: boolean
  readonly inputs: Set<string>
  readonly members: number[]
}

/** What a group is judged by. */
type Ground = {
  /** Its decision rows are the last before each bar of the timeframe closes: row i sees bar i + `seen` of `bars`. */
  readonly source: FeatureSource
  readonly bars: Bars
  readonly seen: number
  /** Where in the table the first of these rows is, and how far it is to the next. */
  readonly shift: number
  readonly stride: number
}

/** What one pass looks at: cuts, as bars of the timeframe, in a stretch of the data. */
type Pass = Ground & {
  readonly cuts: readonly number[]
  readonly burst: number // bars altered after each cut
}

export type AlteredEvidence = { readonly broken: readonly Broken[]; readonly rows: number }

/**
 * @param values  of each subject with all data
 * @returns       for each subject the first row that moved, and how many rows were looked at
 */
export function brokenByAltering(
  subjects: readonly Subject[],
  values: readonly Float64Array[],
  source: FeatureSource,
  seed: number,
): AlteredEvidence[] {
  const found = subjects.map(() => ({ broken: [] as Broken[], rows: 0 }))
  const rare = rareTimes(source, createRandom(seed, 'certificate rare rows'))
  for (const group of groupsOf(subjects)) {
    const { timeframe, memory, inputs } = group
    const random = createRandom(seed, `certificate ${memory} ${timeframe} ${group.lookback} ${group.carried}`)
    for (const pass of passesOf(groundOf(source, timeframe), group, rare, random)) {
      const alive = group.members.filter((i) => found[i].broken.length === 0)
      if (alive.length === 0) break
      const zones = zonesOf(pass, group)
      const rows = zones.reduce((sum, { first, end }) => sum + end - first, 0)
      const altered = { timeframe, inputs, spans: zones.map((zone) => zone.altered) }
      const silent = { timeframe, inputs, spans: zones.map((zone) => zone.silent) }
      const quiet = memory === 'window' ? pass.source : silencedIn(pass.source, silent)
      const reference = memory === 'window' ? null : openSource(quiet)
      const open = openSource(alteredIn(quiet, altered, random))
      for (const i of alive) {
        const own = subjects[i].values(open)
        const isTable = reference === null
        const whole = isTable ? values[i] : subjects[i].values(reference)
        const place = isTable ? pass : { shift: 0, stride: 1 }
        found[i].broken.push(...firstMoved(own, { ...place, values: whole }, zones, pass.source))
        found[i].rows += rows
      }
    }
  }
  return found
}

/** Of rows that see the same bar the last one is looked at: what is known too early is there if anywhere. */
function groundOf(source: FeatureSource, timeframe: Timeframe): Ground {
  const { decision } = source
  const bars = source.context.find((one) => one.timeframe === timeframe)
  if (bars === undefined) return { source, bars: decision, seen: 0, shift: 0, stride: 1 }
  const [step, rowStep] = [timeframeMs(timeframe), timeframeMs(decision.timeframe)]
  const stride = step / rowStep
  const apart = (bars.openTime[0] - decision.openTime[0]) / rowStep
  // The row that closes as bar 1 is about to: two bars less two rows after bar 0 opened.
  const seen = Math.max(0, Math.ceil(-(apart + 2 * stride - 2) / stride))
  const shift = apart + (seen + 2) * stride - 2
  const rows = Math.max(0, Math.floor((decision.rows - 1 - shift) / stride) + 1)
  const every = (x: Float64Array) => Float64Array.from({ length: rows }, (_, i) => x[shift + i * stride])
  const values = Object.fromEntries(BAR_VALUES.map((name) => [name, every(decision[name])]))
  // A grid of their own: a row of it lasts from one close to the next.
  const openTime = every(decision.openTime).map((time) => time + rowStep - step)
  const rarefied = { ...decision, ...values, timeframe, rows, openTime }
  return { source: { ...source, decision: rarefied, context: [bars] }, bars, seen, shift, stride }
}

/** Look-backs are rounded up to an eighth of an octave, so that an altered source serves many columns. */
function groupsOf(subjects: readonly Subject[]): Group[] {
  const groups = new Map<string, Group>()
  for (const [i, { definition }] of subjects.entries()) {
    const { family, timeframe, memory, lookback: own, inputs } = definition
    const isCostly = COSTLY.includes(family)
    const lookback = roundedUp(own)
    const reach = Math.max(0, ...seriesOf(inputs).map((name) => SERIES_FACTS[name].reach))
    const carried = Math.ceil(reach / timeframeMs(timeframe))
    const key = [timeframe, memory, lookback, carried, isCostly].join(' ')
    const group = groups.get(key) ?? {
      timeframe,
      memory,
      lookback,
      carried,
      isCostly,
      inputs: new Set<string>(),
      members: [],
    }
    group.members.push(i)
    for (const input of inputs) group.inputs.add(input)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function roundedUp(lookback: number): number {
  if (lookback < 8) return lookback
  const unit = 2 ** (Math.floor(Math.log2(lookback)) - 2)
  return Math.ceil(lookback / unit) * unit
}

function* passesOf(ground: Ground, group: Group, rare: readonly number[], random: Random): Generator<Pass> {
  const { bars, stride } = ground
  const { lookback, carried } = group
  const wanted = barsAt(bars, rare)
  const least = spacingOf(group, 1)
  const beyond = group.isCostly ? ROWS_OF_COSTLY_PASS : ROWS_OF_PASS
  const room = lookback + carried + 1 + Math.ceil(beyond / stride)
  // Three passes in four alter one bar after each cut: so many look at every row once.
  const whole = Math.ceil((4 / 3) * least) + 4
  const enough = Math.ceil((ROWS * least) / Math.min(bars.rows, room))
  const count = Math.min(group.isCostly ? LEAST_PASSES : MOST_PASSES, whole, Math.max(LEAST_PASSES, enough))
  const isWhole = count === whole
  for (let k = 0; k < count; k++) {
    const burst = k % 4 === 3 ? 2 + random.below(LONGEST_BURST - 1) : 1
    const spacing = spacingOf(group, burst)
    const start = bars.rows <= room ? 0 : stretchAround(wanted, { rows: bars.rows, room, random })
    const rows = Math.min(bars.rows - start, room)
    const inPart = new Set([...wanted].map((bar) => bar - start))
    const phase = isWhole && burst === 1 ? (k - Math.floor(k / 4)) % spacing : random.below(spacing)
    const slack = isWhole ? 0 : Math.ceil(spacing / 8)
    const cuts = placeCuts({ rows, first: lookback, spacing, wanted: inPart, phase, slack }, random)
    for (const cut of cuts) wanted.delete(cut + start)
    if (cuts.length > 0) yield { ...(rows === bars.rows ? ground : stretchOf(ground, start, rows)), cuts, burst }
  }
}

function stretchOf({ source, bars, seen, shift, stride }: Ground, start: number, rows: number): Ground {
  const own = sliceBars(bars, start, start + rows)
  const first = Math.max(0, start - seen)
  const decision = sliceBars(source.decision, first, Math.max(first, start + rows - seen))
  const series = seriesTableAt(source.series, own.openTime[rows - 1] + 2 * timeframeMs(own.timeframe))
  return {
    source: { ...source, decision, context: stride === 1 ? [] : [own], series },
    ...{ bars: own, seen: first + seen - start, shift: shift + first * stride, stride },
  }
}

/** First bar of a stretch that holds the first of the wanted bars with its look-back, or any. */
function stretchAround(
  wanted: ReadonlySet<number>,
  { rows, room, random }: { readonly rows: number; readonly room: number; readonly random: Random },
): number {
  const [bar] = wanted
  const start = bar === undefined ? random.below(rows - room + 1) : bar + 2 - room
  return Math.max(0, Math.min(rows - room, start))
}

/**
 * Bars from one cut to the next: altered, silent where needed, further ones that series reach back to, the look-back, and the
 * rows that are looked at: up to two before the cut see what looks further ahead than one bar.
 */
function spacingOf(group: Group, burst: number): number {
  return burst + silentOf(group) + group.carried + group.lookback + 1 + Math.min(2, group.lookback >> 3)
}

/** A hole for what remembers: so long that no row of a series stands beyond it. */
function silentOf({ memory, carried }: Group): number {
  return memory === 'window' ? 0 : 1 + carried
}

type Zone = {
  readonly altered: AlteredSpan
  readonly silent: AlteredSpan
  /** Rows from `first` to before `end` may know nothing of what is altered. */
  readonly first: number
  readonly end: number
}

function zonesOf({ source, bars, seen, cuts, burst }: Pass, group: Group): Zone[] {
  const { timeframe, lookback, carried, memory } = group
  const { decision } = source
  const step = timeframeMs(timeframe)
  const closeOf = (bar: number) => bars.openTime[0] + (bar + 1) * step
  const rowOf = (bar: number) => Math.max(0, Math.min(decision.rows, bar - seen))
  let clean = 0 // first bar after what was altered for the cut before
  return cuts.map((cut) => {
    const end = closeOf(cut + burst)
    const from = memory === 'window' ? clean + lookback + (clean === 0 ? 0 : carried) : clean
    clean = cut + burst + silentOf(group) + 1
    return {
      altered: {
        from: decision.openTime[0] + (cut - seen + 1) * step,
        barsTo: memory === 'window' ? end + carried * step : end,
        seriesTo: end,
      },
      silent: { from: end, barsTo: end + silentOf(group) * step, seriesTo: end + silentOf(group) * step },
      first: rowOf(from),
      end: rowOf(cut + 1),
    }
  })
}

type Reference = { readonly values: Float64Array; readonly shift: number; readonly stride: number }

function firstMoved(
  own: Float64Array,
  { values, shift, stride }: Reference,
  zones: readonly Zone[],
  { decision }: FeatureSource,
): Broken[] {
  for (const { first, end, altered } of zones) {
    for (let row = first; row < end; row++) {
      const whole = values[shift + row * stride]
      if (isSame(own[row], whole)) continue
      const [from, to] = [isoMinute(altered.from), isoMinute(altered.barsTo)]
      const known = isoMinute(decision.openTime[row] + timeframeMs(decision.timeframe))
      const detail = `known at ${known}: ${shown(whole)}, ${shown(own[row])} when what it may not know is another, such as ${from} to ${to}`
      return [{ rule: 'altered', detail }]
    }
  }
  return []
}
