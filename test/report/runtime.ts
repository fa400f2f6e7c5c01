/** Text of the browser build that reports carry. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export function chartRuntime(): string {
  return readFileSync(createRequire(import.meta.url).resolve('echarts/dist/echarts.common.min'), 'utf8')
}
