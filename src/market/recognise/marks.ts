/**
 * How the numbers of a table are written: which mark is that of decimals, and which one parts thousands. `10,316` is ten in one country and ten
 * thousand in another, and a wrong guess is a factor of a thousand that no later stage can see. So only what the table proves is taken, and
 * a table that proves both, or neither, is refused.
 */

/** Words of the option. */
export const DECIMAL_MARKS = ['dot', 'comma'] as const
export type DecimalMark = (typeof DECIMAL_MARKS)[number]

export type Marks = {
  readonly decimal: DecimalMark
  /** Marks of thousands, each of which may stand between three digits and three. */
  readonly thousands: string
}

/** Of programs: nothing parts thousands. */
export const PLAIN_MARKS: Marks = { decimal: 'dot', thousands: '' }

export function isPlain({ decimal, thousands }: Marks): boolean {
  return decimal === PLAIN_MARKS.decimal && thousands === PLAIN_MARKS.thousands
}

/** Spaces, those of typography too, and apostrophes are never decimal marks. */
const SPACES = " '\u2019\u00a0\u202f\u2009"
const EXPONENT = '(?:[eE][-+]?\\d+)?'

/** What a number shows of a mark: that it is decimal, that it parts thousands, or that it could be either. As regular expressions of
 * JavaScript and RE2 for a text as a whole. */
function signsOf(mark: string, other: string) {
  const grouped = `\\d{1,3}(?:[${other}${SPACES}]\\d{3})+`
  return {
    decimal: `[-+]?(?:(?:0+|\\d{4,}|${grouped})?[${mark}]\\d+|\\d+[${mark}](?:\\d{1,2}|\\d{4,}))${EXPONENT}`,
    thousands: `[-+]?[1-9]\\d{0,2}(?:(?:[${mark}]\\d{3}){2,}(?:[${other}]\\d*)?|[${mark}]\\d{3}[${other}]\\d*)`,
    either: `[-+]?[1-9]\\d{0,2}[${mark}]\\d{3}`,
  }
}

const [COMMA, DOT] = [signsOf(',', '.'), signsOf('.', ',')]

export const MARK_SIGNS = {
  commaDecimal: COMMA.decimal,
  commaThousands: COMMA.thousands,
  commaEither: COMMA.either,
  dotDecimal: DOT.decimal,
  dotThousands: DOT.thousands,
  dotEither: DOT.either,
  spaced: `[-+]?\\d{1,3}(?:[${SPACES}]\\d{3})+(?:[.,]\\d*)?`,
} as const
export type MarkSign = keyof typeof MARK_SIGNS

/** How many numbers show a sign, and one of them. */
export type MarkCounts = Readonly<Record<MarkSign, { readonly count: number; readonly example: string }>>

/**
 * The marks that the numbers of a table prove.
 *
 * @param given what the user says; then no proof is needed, only that nothing speaks against it
 * @returns     the problem as a text where the table proves both marks, or neither
 */
export function chooseMarks(counts: MarkCounts, given: DecimalMark | null): Marks | { readonly problem: string } {
  const has = (...signs: readonly MarkSign[]) => signs.some((sign) => counts[sign].count > 0)
  const spaces = has('spaced') ? SPACES : ''
  const isDot = !has('commaDecimal', 'dotThousands')
  const isComma = !has('dotDecimal', 'commaThousands')
  const dot: Marks = { decimal: 'dot', thousands: (has('commaThousands', 'commaEither') ? ',' : '') + spaces }
  const comma: Marks = { decimal: 'comma', thousands: (has('dotThousands', 'dotEither') ? '.' : '') + spaces }
  if (given !== null && (given === 'dot' ? isDot : isComma)) return given === 'dot' ? dot : comma
  // One column may prove thousands while another one has decimals of three digits: then the decimal mark must be proven as well.
  const isDotProven = !has('commaEither') || (has('commaThousands') && has('dotDecimal'))
  const isCommaProven = has('dotEither')
    ? has('dotThousands') && has('commaDecimal')
    : has('dotThousands') || has('commaDecimal')
  if (given === null && isDot && isDotProven) return dot
  if (given === null && isComma && isCommaProven) return comma
  const shown = (Object.keys(MARK_SIGNS) as MarkSign[]).filter((sign) => sign !== 'spaced' && has(sign))
  const examples = shown.map((sign) => `${counts[sign].count.toLocaleString('en')} like ${counts[sign].example}`)
  const why =
    given !== null
      ? `speak against --decimal ${given}`
      : isDot || isComma
        ? 'can be read in two ways, and a thousandfold apart'
        : 'use dot and comma both for decimals and for thousands'
  return { problem: `its numbers ${why}: ${examples.join(', ')}` }
}

/** A number as a whole, of one or more digits, written with these marks. */
export function numberPattern({ decimal, thousands }: Marks): string {
  const grouped = thousands === '' ? '' : `|\\d{1,3}(?:[${thousands}]\\d{3})+`
  return `[-+]?(?:(?:\\d+${grouped})(?:[${decimalSign(decimal)}]\\d*)?|[${decimalSign(decimal)}]\\d+)${EXPONENT}`
}

function decimalSign(decimal: DecimalMark): string {
  return decimal === 'dot' ? '.' : ','
}
