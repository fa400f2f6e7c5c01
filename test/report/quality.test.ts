import { describe, expect, it } from 'vitest'
import { html, markup } from '../../src/report/html.js'
import type { QualitySeries } from '../../src/report/input.js'
import { quality } from '../../src/report/sections/quality.js'
import type { SectionContext } from '../../src/report/sections/section.js'
import { cellsOf, timeline } from '../../src/report/sections/timeline.js'
import { sampleReportInput } from '../support/report-input.js'

const gap = (from: number, to: number, cause: string) => ({ from, to, bars: to - from, cause })

describe('the timeline of completeness', () => {
  const whole = { from: 0, to: 100 }

  it('shows the worst of what lies in a cell', () => {
    const gaps = [
      gap(0, 20, 'before first bar'),
      gap(40, 61, 'zero-volume'),
      gap(60, 61, 'absent in archive'),
      gap(95, 100, 'after last bar'),
    ]
    expect(cellsOf({ span: { from: 0, to: 100 }, gaps }, whole, 10)).toEqual([
      ...['outside', 'outside', 'present', 'present', 'still', 'still', 'missing', 'present', 'present', 'outside'],
    ])
  })

  it('loses no gap, however short, and begins where the series does', () => {
    const cells = cellsOf({ span: { from: 50, to: 100 }, gaps: [gap(99.9, 99.95, 'refused')] }, whole, 10)
    expect(cells).toEqual([...Array(5).fill('outside'), ...Array(4).fill('present'), 'missing'])
  })

  it('says in words what it shows, and is none without a series', () => {
    const series: QualitySeries = {
      ...{ name: 'bars 1m', span: whole, expected: 100, present: 97, missing: 3, duplicates: 0, outOfOrder: 0 },
      ...{ impossible: 0, zeroVolume: 0, gaps: [gap(10, 13, 'unknown')] },
    }
    const svg = markup(timeline([series]) ?? html``)
    expect(svg).toContain('bars 1m: 3 of 100 missing')
    expect(svg.match(/<rect/g)).toHaveLength(3)
    expect(timeline([])).toBeNull()
  })
})

describe('the section on data quality', () => {
  const text = markup(quality({ input: sampleReportInput({}) } as SectionContext).body).replace(/<[^>]*>/g, ' ')

  it('names what was found, with the largest, the longest or the first', () => {
    expect(text).toContain('Table: what was found, 3; what is flagged is kept')
    expect(text).toMatch(/jumps\s+1\s+0\.53.% at /)
    expect(text).toMatch(/runs of bars without volume\s+2\s+19 bars from /)
    expect(text).toMatch(/impossible: high below low\s+1\s+first at /)
    expect(text, 'what was not found').not.toContain('rows off the grid')
  })

  it('shows where two sources differ, and what was taken from the second', () => {
    expect(text).toMatch(/archive and REST\s+1,440\s+1\s+25\.00.%\s+11\s/)
    expect(text).toMatch(/resampled and published\s+24\s+0\s+none\s+–/)
    expect(text).toMatch(/volume\s+archive and REST\s+3\s+4/)
  })
})
