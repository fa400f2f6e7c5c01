/**
 * A chart is data: an ECharts option in plain JSON. It is drawn twice, here to SVG (for print, and where scripts do not
 * run) and in the reader's browser. What JSON cannot hold is named by a string: `color:ink` is a colour of the page's
 * theme, `format:percent` a function of `chart-formats.ts`.
 */
import type { EChartsCoreOption } from 'echarts/core'
import { createFormats } from './chart-formats.js'
import { type Html, html, trusted } from './html.js'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
export type ChartOption = { readonly [key: string]: Json }

export type Chart = {
  readonly id: string
  /** What the picture shows, for who cannot see it. */
  readonly label: string
  readonly height: number // CSS pixels
  readonly option: ChartOption
  /** Added in the browser only, such as tools for zooming. */
  readonly live?: ChartOption
}

/** Colours that charts may name; the style sheet gives each a value for light and for dark. */
export const CHART_COLORS = ['ink', 'muted', 'line', 'paper', 'blue', 'orange', 'grey', 'teal'] as const
export type ChartColor = (typeof CHART_COLORS)[number]

/** Width of the SVG's own coordinates; the page scales it. */
const WIDTH = 960

/** Turns charts into figures and keeps what the browser needs to draw them again. */
export interface Figures {
  figure(chart: Chart): Html
  readonly drawn: Readonly<Record<string, { readonly option: ChartOption; readonly live?: ChartOption }>>
}

/** Loads ECharts, which takes a while: only a report needs it. */
export async function createFigures(): Promise<Figures> {
  const [echarts, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ])
  echarts.use([
    charts.LineChart,
    charts.BarChart,
    charts.ScatterChart,
    components.GridComponent,
    components.LegendComponent,
    components.TooltipComponent,
    components.MarkLineComponent,
    components.MarkAreaComponent,
    components.AxisPointerComponent,
    renderers.SVGRenderer,
  ])
  const drawn: Record<string, { option: ChartOption; live?: ChartOption }> = {}
  return {
    drawn,
    figure({ id, label, height, option, live }) {
      drawn[id] = live === undefined ? { option } : { option, live }
      const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height })
      try {
        chart.setOption(resolved(option))
        const svg = themed(plainSvg(chart.renderToSVGString(), id))
        return html`<figure class="chart" id="${id}" style="--height:${height}px" role="img" aria-label="${label}"><div class="static">${trusted(svg)}</div></figure>\n`
      } finally {
        chart.dispose()
      }
    },
  }
}

/**
 * Leaves of ECharts' SVG only what a still picture needs. Its class and id names count through all charts of the
 * process, so the same chart would have other bytes the second time: classes only serve hovering and go; ids are
 * numbered afresh under the chart's own name.
 */
export function plainSvg(svg: string, id: string): string {
  const ids = new Map<string, string>()
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>\s*/g, '')
    .replace(/ (?:class|ecmeta_[a-z_]+)="[^"]*"/g, '')
    .replace(/ pointer-events="visible"| xmlns:xlink="[^"]*"| version="1\.1"| baseProfile="full"/g, '')
    .replace(/<svg width="\d+" height="\d+"/, '<svg aria-hidden="true" focusable="false"')
    .replace(/\bzr\d+-[a-z]+\d+\b/g, (name) => {
      if (!ids.has(name)) ids.set(name, `${id}-${ids.size}`)
      return ids.get(name) ?? name
    })
    .trim()
}

/** A colour that nothing else uses, so that it can be found again in the SVG. */
function stand(color: ChartColor): string {
  return `#0a0b${(16 + CHART_COLORS.indexOf(color)).toString(16)}`
}

function themed(svg: string): string {
  return CHART_COLORS.reduce((text, color) => text.replaceAll(stand(color), `var(--${color})`), svg)
}

const formats: Readonly<Record<string, unknown>> = createFormats()

/** The option with stand-in colours and real functions. */
function resolved(option: ChartOption): EChartsCoreOption {
  return Object.fromEntries(Object.entries(option).map(([key, value]) => [key, resolvedValue(value)]))
}

function resolvedValue(value: Json): unknown {
  if (typeof value === 'string') {
    const color = CHART_COLORS.find((name) => value === `color:${name}`)
    if (color !== undefined) return stand(color)
    return value.startsWith('format:') && value.slice(7) in formats ? formats[value.slice(7)] : value
  }
  if (value === null || typeof value !== 'object') return value
  if (isList(value)) return value.map(resolvedValue)
  return resolved(value)
}

function isList(value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] {
  return Array.isArray(value)
}
