/** Which mark is that of decimals: what is proven is taken, and nothing else. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chooseMarks,
  type DecimalMark,
  MARK_SIGNS,
  type MarkCounts,
  type Marks,
  numberPattern,
} from '../../src/market/recognise/marks.js'

function countsOf(texts: readonly string[]): MarkCounts {
  const counted = Object.entries(MARK_SIGNS).map(([sign, pattern]) => {
    const found = texts.filter((text) => new RegExp(`^(?:${pattern})$`).test(text))
    return [sign, { count: found.length, example: found[0] ?? '' }]
  })
  return Object.fromEntries(counted) as MarkCounts
}

const choose = (texts: readonly string[], given: DecimalMark | null = null) => chooseMarks(countsOf(texts), given)

/** NaN where a text is not written so. */
function read(text: string, { decimal, thousands }: Marks): number {
  if (!new RegExp(`^(?:${numberPattern({ decimal, thousands })})$`).test(text)) return Number.NaN
  const whole = [...text].filter((sign) => !thousands.includes(sign)).join('')
  return Number(decimal === 'comma' ? whole.replace(',', '.') : whole)
}

describe('marks of numbers', () => {
  it.each<[string, string, DecimalMark, string]>([
    ['1,5|2', 'a decimal comma', 'comma', ''],
    ['3,352|1031,56', 'a comma behind four digits', 'comma', ''],
    ['3,352|0,125', 'a comma behind nothing', 'comma', ''],
    ['1,5e-7|2,25', 'an exponent', 'comma', ''],
    ['1.234,5|3,352|10.316', 'both in one number', 'comma', '.'],
    ['1,234.5|3.352|10,316', 'both in one number', 'dot', ','],
    ['1,234,567|3.35|10,316', 'two commas, and a decimal dot', 'dot', ','],
    ['1.234.567|2.345.678', 'two dots', 'comma', '.'],
    ["10'316.5|3.352", 'apostrophes', 'dot', "'"],
    ['10 316,5|3,352', 'spaces and a decimal comma', 'comma', ' '],
    ['10 316|3.352', 'spaces', 'dot', ' '],
  ])('%s: %s', (texts, _, decimal, thousands) => {
    const marks = choose(texts.split('|'))
    expect(marks).toMatchObject({ decimal })
    const found = 'thousands' in marks ? marks.thousands : ''
    expect(thousands === '' ? found === '' : found.includes(thousands)).toBe(true)
  })

  it.each([
    ['10,316|3.35|3.352', 'a comma that could be either beside dots'],
    ['3,352|10,316', 'three digits behind every comma'],
    ['3,352|10.316', 'three digits behind every mark'],
    ['1.044.382|3.352', 'thousands in one column, and decimals of three digits in another'],
    ['1,044,382|3,352', 'the same with commas'],
    ['3,35|10.316', 'a decimal comma, and a dot that could be either'],
  ])('%s is refused as ambiguous: %s', (texts) => {
    expect(choose(texts.split('|'))).toMatchObject({ problem: expect.stringContaining('can be read in two ways') })
  })

  it('that are used for both are refused, whatever the user says', () => {
    for (const given of [null, 'dot', 'comma'] as const) {
      expect(choose(['3,35', '3.35'], given)).toMatchObject({
        problem: expect.stringMatching(/1 like 3,35.*1 like 3\.35/),
      })
    }
  })

  it('are what the user says where nothing speaks against it', () => {
    expect(choose(['10,316', '3.35'], 'dot')).toEqual({ decimal: 'dot', thousands: ',' })
    expect(choose(['10,316', '3.35'], 'comma')).toMatchObject({ problem: expect.stringContaining('--decimal comma') })
    expect(choose(['3,352', '10.316'], 'comma')).toEqual({ decimal: 'comma', thousands: '.' })
  })

  it('never read a number as another one, in whatever way a table is written', () => {
    const value = fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 5 }))
    const style = fc.constantFrom(['.', ''], [',', ''], ['.', ','], [',', '.'], ['.', ' '], [',', "'"])
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), style, (values, [decimal, thousands]) => {
        const numbers = values.map(([whole, digits]) => whole / 10 ** digits)
        const texts = values.map(([whole, digits]) => {
          const [units, rest = ''] = (whole / 10 ** digits).toFixed(digits).split('.')
          const parted = units.replace(/\B(?=(?:\d{3})+$)/g, thousands)
          return rest === '' ? parted : `${parted}${decimal}${rest}`
        })
        const plain = texts.map(Number)
        const marks = choose(texts)
        // A table that programs read as it stands is not looked at; a dot is the decimal mark of programs.
        if (plain.every((x) => !Number.isNaN(x)) || 'problem' in marks) return
        expect(texts.map((text) => read(text, marks))).toEqual(numbers)
      }),
      { numRuns: 2000 },
    )
  })
})
