import { describe, expect, it } from 'vitest'
import { lineSvg } from '../../src/report/line-svg.js'
import { terminalChart } from '../../src/report/terminal-chart.js'

describe('a chart for the terminal', () => {
  it('draws what rises from the lower left to the upper right', () => {
    // Two characters wide and one high: four columns of dots, four rows; values 0 … 3 take one dot each, from the bottom up.
    // Left character: dots 7 (left, bottom) and 6 (right, second) = 0x40 + 0x20; right one: 2 (third) and 4 (top) = 0x02 + 0x08.
    expect(terminalChart(Float64Array.of(0, 1, 2, 3), { width: 2, height: 1 })).toEqual(['\u2860\u280a'])
  })

  it('leaves blank what is not known, and draws nothing of nothing', () => {
    const [line] = terminalChart(Float64Array.of(1, 2, NaN, NaN), { width: 2, height: 1 })
    expect(line[1]).toBe('\u2800')
    expect(terminalChart(Float64Array.of(NaN), { width: 2, height: 1 })).toEqual([])
  })

  it('loses no spike among many values', () => {
    const values = new Float64Array(10_000)
    values[7_777] = 1
    const [top] = terminalChart(values, { width: 20, height: 4 })
    expect([...top].filter((character) => character !== '\u2800')).toHaveLength(1)
  })
})

describe('a line as SVG', () => {
  const time = Float64Array.from({ length: 5 }, (_, i) => Date.UTC(2024, 0, 1) + i * 60_000)
  const svg = lineSvg({ title: 'a < b & "c"', time, values: Float64Array.of(1, 2, NaN, 4, 3) })

  it('is broken where nothing is known', () => {
    const [, path] = / d="([^"]+)"/.exec(svg) ?? []
    expect(path.match(/M/g)).toHaveLength(2)
    expect(path.match(/[ML]/g)).toHaveLength(4) // four values are known
  })

  it('escapes its texts, and is well-formed for nothing at all', () => {
    expect(svg).toContain('<title>a &lt; b &amp; &quot;c&quot;</title>')
    expect(lineSvg({ title: 'none', time, values: new Float64Array(5).fill(NaN) })).not.toMatch(/NaN|Infinity/)
  })
})
