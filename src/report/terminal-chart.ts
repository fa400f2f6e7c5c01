/**
 * A line of numbers as text: dots of Braille, two across and four up in each character. No colours: it goes into logs as well.
 */

export type ChartSize = { readonly width: number; readonly height: number } // in characters

/**
 * From the highest value (top line) to the lowest; each column of dots shows the range of the values that fall on it, so
 * that no spike is lost. What is not known is left blank.
 *
 * @param values  oldest first, NaN = not known [n]
 * @returns       `height` lines of `width` characters; none when nothing is known
 */
export function terminalChart(values: Float64Array, { width, height }: ChartSize): string[] {
  const known = values.filter((value) => !Number.isNaN(value))
  if (known.length === 0) return []
  const low = known.reduce((a, b) => Math.min(a, b))
  const high = known.reduce((a, b) => Math.max(a, b))
  const [across, up] = [width * 2, height * 4]
  const cells = new Uint8Array(width * height)
  const dotOf = (value: number) => (high === low ? up >> 1 : Math.round(((value - low) / (high - low)) * (up - 1)))
  for (let x = 0; x < across; x++) {
    const from = Math.floor((x * values.length) / across)
    const to = Math.max(from + 1, Math.floor(((x + 1) * values.length) / across))
    const part = values.subarray(from, to).filter((value) => !Number.isNaN(value))
    if (part.length === 0) continue
    const bottom = dotOf(part.reduce((a, b) => Math.min(a, b)))
    const top = dotOf(part.reduce((a, b) => Math.max(a, b)))
    for (let y = bottom; y <= top; y++) {
      const row = height - 1 - (y >> 2)
      cells[row * width + (x >> 1)] |= BITS[x & 1][y & 3]
    }
  }
  return Array.from({ length: height }, (_, row) =>
    Array.from(cells.subarray(row * width, (row + 1) * width), (bits) => String.fromCharCode(BRAILLE + bits)).join(''),
  )
}

const BRAILLE = 0x2800
/** The bit of a dot: left or right, counted from the bottom. */
const BITS = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const
