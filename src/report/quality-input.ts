/**
 * From the quality report of the clean stage to what the page shows of it.
 */
import type { Timeframe } from '../core/time.js'
import type { ReportSources } from '../datasets/report-sources.js'
import type { ComparedBars } from '../market/compare-bars.js'
import { RATE_LIMIT } from '../market/funding.js'
import { JUMP_Z, OUTLIER_IQR, OUTLIER_Z, REFERENCE_Z } from '../market/outliers.js'
import type { TimeframeQuality } from '../market/quality.js'
import type { RestFindings } from '../market/rest-rows.js'
import type { SeriesQuality } from '../market/series-quality.js'
import type { Disagreement, Finding, QualityReport, QualitySeries } from './input.js'

export function qualityInput({ quality, test }: ReportSources, venue: string): QualityReport {
  const { timeframes, rows, funding, published, series } = quality
  const base = timeframes[0].timeframe
  const barsName = (timeframe: Timeframe) => `bars ${timeframe}${timeframe === base ? '' : ' (resampled)'}`
  const bars = timeframes.map((one): QualitySeries => {
    const isBase = one.timeframe === base
    return {
      ...{ name: barsName(one.timeframe), span: one.span, expected: one.expected },
      ...{ present: one.present, missing: one.missing, zeroVolume: one.zeroVolume.bars, gaps: one.gaps },
      duplicates: isBase ? rows.duplicates + rows.conflicts.count : null,
      outOfOrder: isBase ? rows.outOfOrder : null,
      impossible: isBase ? rows.impossible.count : null,
    }
  })
  return {
    series: [...bars, ...series.map(otherSeries), ...fundingSeries(funding)],
    absent: absentOf({ quality, test }, venue),
    findings: [
      ...timeframes.flatMap((one) => barFindings(one, barsName(one.timeframe))),
      ...series.flatMap(seriesFindings),
      ...rowFindings(quality),
    ],
    disagreements: [
      ...againstRest(barsName(base), rows.rest),
      ...series.flatMap(({ name, rest }) => againstRest(titleOf(name), rest)),
      ...againstRest('funding', funding?.rest ?? null),
      ...published.map(againstResampled),
    ],
  }
}

function otherSeries(one: SeriesQuality): QualitySeries {
  return {
    ...{ name: titleOf(one.name), span: one.span, expected: one.expected, present: one.kept, missing: one.missing },
    ...{ duplicates: one.duplicates + one.conflicts.count, outOfOrder: one.outOfOrder, impossible: one.impossible },
    ...{ zeroVolume: null, gaps: one.gaps },
  }
}

function titleOf(name: string): string {
  return name.replaceAll('_', ' ')
}

function fundingSeries(funding: ReportSources['quality']['funding']): QualitySeries[] {
  if (funding === null) return []
  return [
    {
      ...{ name: 'funding', span: funding.span, expected: null, present: funding.prints, missing: null },
      duplicates: funding.duplicates + funding.conflicts,
      outOfOrder: funding.outOfOrder,
      impossible: funding.unknownRates + funding.beyondReason.count,
      zeroVolume: null,
      gaps: funding.holes.map(({ from, to }) => ({ from, to, bars: 0, cause: 'hole in the series' })),
    },
  ]
}

function barFindings({ outliers, zeroVolume, frozen }: TimeframeQuality, series: string): Finding[] {
  const largest = (list: readonly { readonly time: number; readonly logReturn: number }[]) =>
    list.length === 0 ? null : { time: list[0].time, logReturn: list[0].logReturn }
  return [
    {
      ...{ series, what: `returns with a robust z-score above ${OUTLIER_Z}`, count: outliers.count },
      largest: largest(outliers.largest),
    },
    {
      ...{ series, what: `returns more than ${OUTLIER_IQR} interquartile ranges outside`, count: outliers.iqr.count },
      largest: largest(outliers.iqr.largest),
    },
    {
      ...{
        series,
        what: `steps from close to open above ${JUMP_Z} robust deviations of the returns`,
        count: outliers.jumps.count,
      },
      largest: largest(outliers.jumps.largest),
    },
    { ...{ series, what: 'runs of bars without volume', count: zeroVolume.runs }, ...runOf(zeroVolume) },
    { ...{ series, what: 'runs of bars with the same four prices', count: frozen.runs }, ...runOf(frozen) },
  ]
}

function runOf({
  runs,
  longest,
  longestFrom,
}: Pick<TimeframeQuality['zeroVolume'], 'runs' | 'longest' | 'longestFrom'>) {
  return { largest: null, longest: runs === 0 || longestFrom === null ? null : { from: longestFrom, bars: longest } }
}

function seriesFindings({ name, reference, counts, largest }: SeriesQuality): Finding[] {
  const series = titleOf(name)
  const far: Finding[] =
    reference === null
      ? []
      : [
          {
            ...{ series, what: `closes far from it (robust z-score above ${REFERENCE_Z})`, count: reference.count },
            largest:
              reference.largest.length === 0
                ? null
                : { time: reference.largest[0].time, logReturn: reference.largest[0].logDistance },
          },
        ]
  const others = [...Object.entries(counts), ...Object.entries(largest)]
  return [...far, ...others.map(([what, count]): Finding => ({ series, what, count, largest: null }))]
}

/** What was dropped of the base bars' rows, and what became of funding, beside what the table of series says. */
function rowFindings({ rows, timeframes, funding }: ReportSources['quality']): Finding[] {
  const series = `bars ${timeframes[0].timeframe}`
  const reasons = Object.entries(rows.impossible.reasons).filter(([, count]) => count > 0)
  const first = rows.impossible.first.at(0)?.time ?? null
  return [
    { series, what: 'rows before the listing', count: rows.beforeListing.count, largest: null },
    { series, what: 'rows outside of the month of their file', count: rows.foreign.count, largest: null },
    { series, what: 'rows off the grid', count: rows.offGrid.count, largest: null },
    ...reasons.map(
      ([reason, count]): Finding => ({ series, what: `impossible: ${reason}`, count, largest: null, first }),
    ),
    ...(funding === null
      ? []
      : [
          {
            series: 'funding',
            what: `rates beyond ±${100 * RATE_LIMIT} %`,
            count: funding.beyondReason.count,
            largest: null,
          },
          { series: 'funding', what: 'special prints', count: funding.special.count, largest: null },
          { series: 'funding', what: 'changes of the interval', count: funding.changedInterval.length, largest: null },
        ]),
  ]
}

type RestPart = Pick<RestFindings, 'compared' | 'used' | 'disagreements' | 'largestDifference'>

function againstRest(series: string, rest: RestPart | null): Disagreement[] {
  if (rest === null) return []
  return [
    {
      ...{ series, between: 'archive and REST', compared: rest.compared, taken: rest.used.count },
      ...{ differing: rest.disagreements.count, largest: rest.largestDifference },
      first: rest.disagreements.first.map(({ time, column, archive, rest: other }) => ({
        ...{ time, column, kept: archive, other },
      })),
    },
  ]
}

function againstResampled(compared: ComparedBars): Disagreement {
  const columns = Object.entries(compared.columns).flatMap(([column, { first }]) =>
    first.map(({ time, published, resampled }) => ({ time, column, kept: resampled, other: published })),
  )
  return {
    ...{ series: `bars ${compared.timeframe}`, between: 'resampled and published', compared: compared.compared },
    ...{ taken: null, differing: compared.differing.count, largest: compared.largestDifference },
    first: columns.sort((a, b) => a.time - b.time).slice(0, 20),
  }
}

type AbsentSources = Pick<ReportSources, 'quality' | 'test'>

function absentOf({ quality, test }: AbsentSources, venue: string): QualityReport['absent'] {
  const absent: { name: string; reason: string }[] = []
  if (quality.funding === null) {
    const reason =
      venue === 'binance-spot'
        ? 'A spot market pays no funding.'
        : 'Not in the archive for this span: every total is without funding, and so are the features that need it.'
    absent.push({ name: 'funding', reason })
  }
  if (test.summary.withoutMarkPrice && venue !== 'binance-spot') {
    const isThere = quality.series.some(({ name }) => name === 'mark_price')
    const reason = isThere
      ? 'Not there for the whole part: where it begins or ends, the last price stands in for it.'
      : 'Not downloaded: the last price stands in for it.'
    absent.push({ name: 'mark price', reason })
  }
  if (quality.unverified.length > 0)
    absent.push({
      name: 'checksums',
      reason: `${quality.unverified.length} files have no checksum in the archive, first ${quality.unverified[0]}`,
    })
  return absent
}
