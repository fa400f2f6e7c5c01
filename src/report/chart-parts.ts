/**
 * What all charts share: quiet axes, legend above, tooltip in the page's colours. Everything is plain JSON (chart.ts).
 */
import type { ChartColor, ChartOption, Json } from './chart.js'

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

const label = { color: 'color:muted', fontSize: 12, fontFamily: FONT }

/** Every label can be read alone: a day says its month. */
const TIME_LABELS = {
  year: '{yyyy}',
  month: '{MMM} {yyyy}',
  day: '{d} {MMM}',
  hour: '{HH}:{mm}',
  minute: '{HH}:{mm}',
}

export const BASE: ChartOption = {
  animation: false,
  useUTC: true,
  backgroundColor: 'transparent',
  textStyle: { fontFamily: FONT, color: 'color:ink' },
}

export function legend(): ChartOption {
  return {
    type: 'scroll',
    borderColor: 'color:line',
    left: 0,
    top: 0,
    icon: 'roundRect',
    itemWidth: 14,
    itemHeight: 8,
    itemGap: 18,
    textStyle: { ...label, color: 'color:ink' },
    pageTextStyle: label,
    pageIconColor: 'color:muted',
    pageIconInactiveColor: 'color:line',
    inactiveColor: 'color:line',
    inactiveBorderColor: 'color:line',
    itemStyle: { borderWidth: 0 },
  }
}

export function tooltip(trigger: 'axis' | 'item', extra: ChartOption = {}): ChartOption {
  return {
    trigger,
    confine: true,
    backgroundColor: 'color:paper',
    borderColor: 'color:line',
    textStyle: { color: 'color:ink', fontSize: 12, fontFamily: FONT },
    axisPointer: {
      type: trigger === 'axis' ? 'line' : 'none',
      lineStyle: { color: 'color:muted', width: 1, type: 'solid' },
      shadowStyle: { color: 'color:line', opacity: 0.3 },
    },
    ...extra,
  }
}

export function grid(extra: ChartOption = {}): ChartOption {
  return { left: 4, right: 14, top: 34, bottom: 6, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel', ...extra }
}

export function timeAxis(extra: ChartOption = {}): ChartOption {
  return {
    type: 'time',
    axisLabel: { ...label, hideOverlap: true, formatter: TIME_LABELS },
    axisLine: { lineStyle: { color: 'color:line' } },
    axisTick: { lineStyle: { color: 'color:line' } },
    splitLine: { show: false },
    ...extra,
  }
}

/** Two panels over one time axis, heights in CSS pixels; series name theirs by `xAxisIndex` and `yAxisIndex`. */
export function twoPanels(upper: number, gap: number, lower: number): ChartOption {
  const sides = { left: 70, right: 34, outerBoundsMode: 'none' }
  return {
    axisPointer: { link: [{ xAxisIndex: 'all' }] },
    grid: [
      { ...sides, top: 34, height: upper },
      { ...sides, top: 34 + upper + gap, height: lower },
    ],
    xAxis: [
      timeAxis({ gridIndex: 0, axisLabel: { show: false }, axisTick: { show: false } }),
      timeAxis({ gridIndex: 1 }),
    ],
  }
}

export function valueAxis(format: string, extra: ChartOption = {}): ChartOption {
  return {
    type: 'value',
    scale: true,
    axisLabel: { ...label, formatter: `format:${format}`, hideOverlap: true },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: 'color:line' } },
    nameTextStyle: label,
    ...extra,
  }
}

/** Of the lower panel; without any drawdown it would reach down to nothing at all, or to −100 %. */
export function drawdownAxis(deepest: number): ChartOption {
  const flat = deepest === 0 ? { min: -0.01 } : {}
  return valueAxis('shortPercent', { gridIndex: 1, max: 0, splitNumber: 2, scale: false, ...flat })
}

export function categoryAxis(data: readonly string[], extra: ChartOption = {}): ChartOption {
  return {
    type: 'category',
    data,
    axisLabel: { ...label, hideOverlap: true },
    axisLine: { lineStyle: { color: 'color:line' } },
    axisTick: { show: false },
    splitLine: { show: false },
    ...extra,
  }
}

export function line(name: string, color: ChartColor, data: Json, extra: ChartOption = {}): ChartOption {
  return {
    type: 'line',
    name,
    data,
    showSymbol: false,
    symbol: 'circle',
    symbolSize: 6,
    color: `color:${color}`,
    lineStyle: { color: `color:${color}`, width: 1.6 },
    itemStyle: { color: `color:${color}`, borderWidth: 0 },
    emphasis: { disabled: true },
    ...extra,
  }
}

/** Points of a series at some of its rows; NaN becomes a break in the line. */
export function points(rows: readonly number[], time: Float64Array, value: Float64Array): Json {
  return rows.map((row) => [time[row], Number.isNaN(value[row]) ? null : compact(value[row])])
}

/** Seven significant digits: finer than any screen, and half the bytes. */
export function compact(value: number): number {
  return Number(value.toPrecision(7))
}
