/**
 * One line over time as an SVG file that stands alone: no script, no font, no address of anything.
 */
import { minute } from './format.js'

export type LineChart = {
  readonly title: string
  readonly time: Float64Array // UTC ms [n]
  readonly values: Float64Array // NaN = not known: the line is broken there [n]
}

const [WIDTH, HEIGHT] = [960, 320]
const EDGE = { left: 90, right: 16, top: 36, bottom: 32 }

/** Throughout as wide as tall is known; at most two points a pixel, the lowest and the highest that fall on it. */
export function lineSvg({ title, time, values }: LineChart): string {
  const known = values.filter((value) => !Number.isNaN(value))
  const low = known.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = known.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const inner = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom }
  const xOf = (i: number) => EDGE.left + (inner.width * i) / Math.max(1, values.length - 1)
  const yOf = (value: number) => EDGE.top + inner.height * (high === low ? 0.5 : (high - value) / (high - low))
  const label = (x: number, y: number, anchor: string, text: string) =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(text)}</text>`
  const axis = (value: number) =>
    `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${yOf(value).toFixed(1)}" y2="${yOf(value).toFixed(1)}" stroke="#ccc"/>${label(EDGE.left - 8, yOf(value) + 4, 'end', Number(value.toPrecision(6)).toString())}`
  const drawn = known.length === 0 ? '' : [low, (low + high) / 2, high].map(axis).join('')
  const path = pathOf(values, inner.width, xOf, yOf)
  const times =
    time.length === 0
      ? ''
      : `${label(EDGE.left, HEIGHT - 10, 'start', minute(time[0]))}${label(WIDTH - EDGE.right, HEIGHT - 10, 'end', minute(time[time.length - 1]))}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${label(EDGE.left, 22, 'start', title)}
${drawn}
<path d="${path}" fill="none" stroke="#2f6db3" stroke-width="1.2" stroke-linejoin="round"/>
${times}
</svg>
`
}

function pathOf(
  values: Float64Array,
  pixels: number,
  xOf: (i: number) => number,
  yOf: (value: number) => number,
): string {
  const steps: string[] = []
  const each = Math.max(1, Math.floor(values.length / pixels))
  let isBroken = true
  for (let from = 0; from < values.length; from += each) {
    const part = values.subarray(from, from + each)
    const known = [...part.keys()].filter((i) => !Number.isNaN(part[i]))
    if (known.length < part.length) isBroken = true
    if (known.length === 0) continue
    const lowest = known.reduce((a, b) => (part[b] < part[a] ? b : a))
    const highest = known.reduce((a, b) => (part[b] > part[a] ? b : a))
    for (const i of lowest === highest ? [lowest] : [Math.min(lowest, highest), Math.max(lowest, highest)]) {
      steps.push(`${isBroken ? 'M' : 'L'}${xOf(from + i).toFixed(1)} ${yOf(part[i]).toFixed(1)}`)
      isBroken = false
    }
  }
  return steps.join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
