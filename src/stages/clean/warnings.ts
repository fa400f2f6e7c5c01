/**
 * What the terminal says of a quality report: faults that whoever runs it should look at. All of it stands in the report as well.
 */
import { isoMinute } from '../../core/time.js'
import type { QualityReport } from '../../market/quality.js'

export function qualityWarnings(report: QualityReport): string[] {
  const { funding, rows, series } = report
  const holes = funding?.holes.length ?? 0
  const rates = funding?.beyondReason
  const asked = rows.rest?.disagreements.count ?? 0
  return [
    ...(holes > 0 ? [`${holes} holes in the funding series`] : []),
    ...(rates !== undefined && rates.count > 0
      ? [`${rates.count} funding rates beyond reason were left out, first ${isoMinute(rates.first[0].time)}`]
      : []),
    ...(asked > 0 ? [`archive and REST disagree in ${asked} of ${rows.rest?.compared ?? 0} bars that both have`] : []),
    ...impossibleRows(report),
    ...series
      .filter(({ impossible }) => impossible > 0)
      .map(({ name, impossible }) => `${impossible} impossible values of ${name.replaceAll('_', ' ')} were left out`),
  ]
}

function impossibleRows({ rows: { impossible } }: QualityReport): string[] {
  if (impossible.count === 0) return []
  const reasons = Object.entries(impossible.reasons).filter(([, count]) => count > 0)
  const named = reasons.map(([reason, count]) => `${count} × ${reason}`).join(', ')
  return [`${impossible.count} impossible rows became holes: ${named}, first ${isoMinute(impossible.first[0].time)}`]
}
