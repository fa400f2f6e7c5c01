/**
 * From the data of one run to its report: the page, its numbers as JSON, and its tables as CSV. Same input, same bytes.
 */
import { createFigures } from './chart.js'
import { csvFiles } from './csv.js'
import { derive } from './derived.js'
import type { ReportInput } from './input.js'
import { page } from './page.js'
import { type ReportJson, reportJson } from './report-json.js'
import { certificate } from './sections/certificate.js'
import { costs } from './sections/costs.js'
import { equity } from './sections/equity.js'
import { features } from './sections/features.js'
import { folds } from './sections/folds.js'
import { importance } from './sections/importance.js'
import { labels } from './sections/labels.js'
import { lineage } from './sections/lineage.js'
import { method } from './sections/method.js'
import { metrics } from './sections/metrics.js'
import { models } from './sections/models.js'
import { monthly } from './sections/monthly.js'
import { quality } from './sections/quality.js'
import { reliability } from './sections/reliability.js'
import { rolling } from './sections/rolling.js'
import type { SectionContext } from './sections/section.js'
import { stress } from './sections/stress.js'
import { summary } from './sections/summary.js'
import { trades } from './sections/trades.js'
import { trials } from './sections/trials.js'
import { tuning } from './sections/tuning.js'

/** The sections in the order of the page; one that has nothing to say in this run is null. */
export const SECTIONS = [
  summary,
  equity,
  monthly,
  rolling,
  trades,
  metrics,
  models,
  tuning,
  trials,
  folds,
  reliability,
  importance,
  features,
  labels,
  costs,
  stress,
  quality,
  certificate,
  method,
  lineage,
] as const

export type Report = {
  readonly html: string
  readonly json: ReportJson
  /** By file name. */
  readonly csv: ReadonlyMap<string, string>
}

/**
 * @param runtime  text of ECharts' browser build (`echarts/dist/echarts.common.min.js`), put into the page as it is
 */
export async function renderReport(input: ReportInput, runtime: string): Promise<Report> {
  const derived = derive(input)
  const figures = await createFigures()
  const context: SectionContext = { input, derived, figures }
  const sections = SECTIONS.flatMap((section) => section(context) ?? [])
  return {
    html: page(input, sections, figures, runtime),
    json: reportJson(input, derived),
    csv: csvFiles(input, derived),
  }
}
