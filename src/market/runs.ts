/**
 * Runs of neighbouring bars, measured month by month and joined across the border. Findings of two consecutive spans
 * combine into exactly what one pass over both would have found.
 */
import { type Span, timeframeMs } from '../core/time.js'
import type { Bars } from './bars.js'
import { isHole } from './entry.js'

/** Runs of at least so many bars are listed one by one; shorter ones are counted only. */
export const LISTED_RUN_BARS = 5

export type RunFindings = {
  readonly span: Span
  readonly stepMs: number
  /** Bars that lie in any run. */
  readonly bars: number
  /** Bars of the longest run, the earliest of equals; 0 when there is none. */
  readonly longest: number
  /** UTC ms at which the longest run opens; null when there is none. */
  readonly longestFrom: number | null
  /** Every run of at least `LISTED_RUN_BARS`, oldest first. */
  readonly runs: readonly Run[]
  /** The runs that touch the borders of the span, with what the bars in them share. */
  readonly leading: BorderRun | null
  readonly trailing: BorderRun | null
}
export type Run = { readonly from: number; readonly bars: number }
export type BorderRun = { readonly bars: number; readonly shared: readonly number[] }

/** Runs of known bars in which nothing was traded. A hole ends a run, and so does a bar whose volume is not known. */
export function zeroVolumeRuns(bars: Bars): RunFindings {
  return measureRuns(bars, {
    belongs: (i) => bars.volume[i] === 0 && !isHole(bars, i),
    continues: () => true,
    shared: () => [],
  })
}

/** Runs of known bars with the same four prices: length 1 says no more than that a bar is known. */
export function frozenRuns(bars: Bars): RunFindings {
  const { open, high, low, close } = bars
  return measureRuns(bars, {
    belongs: (i) => !isHole(bars, i),
    continues: (i) =>
      open[i] === open[i - 1] && high[i] === high[i - 1] && low[i] === low[i - 1] && close[i] === close[i - 1],
    shared: (i) => [open[i], high[i], low[i], close[i]],
  })
}

/** Both as one; spans that do not touch are not joined, empty ones add nothing. `a` comes before `b`. */
export function combineRuns(a: RunFindings, b: RunFindings): RunFindings {
  if (a.span.from === a.span.to) return b
  if (b.span.from === b.span.to) return a
  const joined = a.span.to === b.span.from ? joinedBars(a.trailing, b.leading) : 0
  const joinedFrom = a.span.to - (a.trailing?.bars ?? 0) * a.stepMs
  const candidates = [
    { bars: a.longest, from: a.longestFrom },
    { bars: joined, from: joined === 0 ? null : joinedFrom },
    { bars: b.longest, from: b.longestFrom },
  ]
  const across = joined < LISTED_RUN_BARS ? [] : [{ from: joinedFrom, bars: joined }]
  const runs =
    joined === 0
      ? [...a.runs, ...b.runs]
      : [
          ...a.runs.filter(({ from }) => from < joinedFrom),
          ...across,
          ...b.runs.filter(({ from }) => from > b.span.from),
        ]
  const longest = candidates.reduce((best, run) => (run.bars > best.bars ? run : best))
  return {
    span: { from: a.span.from, to: b.span.to },
    stepMs: a.stepMs,
    bars: a.bars + b.bars,
    longest: longest.bars,
    longestFrom: longest.from,
    runs,
    leading: joined > 0 && isWhole(a, a.leading) ? grown(a.leading, joined) : a.leading,
    trailing: joined > 0 && isWhole(b, b.trailing) ? grown(b.trailing, joined) : b.trailing,
  }
}

type RunRule = {
  belongs(bar: number): boolean
  /** Whether a bar that belongs goes on with the run of the bar before it, which belongs too. */
  continues(bar: number): boolean
  shared(bar: number): readonly number[]
}

function measureRuns(bars: Bars, rule: RunRule): RunFindings {
  const step = timeframeMs(bars.timeframe)
  const from = bars.rows === 0 ? 0 : bars.openTime[0]
  let counted = 0
  let run = 0
  let longest = 0
  let longestEnd = 0
  let leading = 0
  const runs: Run[] = []
  const end = (after: number) => {
    if (run >= LISTED_RUN_BARS) runs.push({ from: from + (after - run) * step, bars: run })
  }
  for (let i = 0; i < bars.rows; i++) {
    const belongs = rule.belongs(i)
    if (belongs) counted++
    const goesOn = belongs && run > 0 && rule.continues(i)
    if (!goesOn) end(i)
    run = goesOn ? run + 1 : belongs ? 1 : 0
    if (run === i + 1) leading = run
    if (run > longest) {
      longest = run
      longestEnd = i + 1
    }
  }
  end(bars.rows)
  return {
    span: { from, to: from + bars.rows * step },
    stepMs: step,
    bars: counted,
    longest,
    longestFrom: longest === 0 ? null : from + (longestEnd - longest) * step,
    runs,
    leading: leading === 0 ? null : { bars: leading, shared: rule.shared(0) },
    trailing: run === 0 ? null : { bars: run, shared: rule.shared(bars.rows - 1) },
  }
}

function joinedBars(trailing: BorderRun | null, leading: BorderRun | null): number {
  if (trailing === null || leading === null) return 0
  return trailing.shared.every((value, i) => value === leading.shared[i]) ? trailing.bars + leading.bars : 0
}

function isWhole(findings: RunFindings, run: BorderRun | null): run is BorderRun {
  return run !== null && run.bars * findings.stepMs === findings.span.to - findings.span.from
}

function grown(run: BorderRun, bars: number): BorderRun {
  return { bars, shared: run.shared }
}
