/** The part of ECharts that a page carries in itself. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** ECharts' browser build, as it stands in its package. */
export function chartRuntime(): string {
  return readFileSync(createRequire(import.meta.url).resolve('echarts/dist/echarts.common.min.js'), 'utf8')
}
