/**
 * Folds as lines of text: one cell for each stretch of rows, by what the row in its middle is used for.
 */
import type { Config } from '../config/settings.js'
import { isoMinute } from '../core/time.js'
import { SCHEMES } from '../validation/schemes.js'
import type { Part, Split } from '../validation/splits.js'
import type { PairFolds } from './folds-command.js'

const CELLS = 60
const MARKS = { train: '─', validation: '▒', score: '█' } as const
const GIVEN_UP = '·'

export function renderFolds({ pair, intervals, plan }: PairFolds, config: Config): string {
  const { t0 } = intervals
  const { title, meaning } = SCHEMES[config['train.split']]
  const splits = [...plan.folds, plan.final]
  const names = Math.max(...splits.map(({ name }) => name.length))
  const counted = (part: Part) => `${number(part.rows.length)} (${number(part.purged + part.unlabelled)})`
  const columns = (['train', 'validation', 'score'] as const).map((part) => ({
    part,
    width: Math.max(part.length, ...splits.map((split) => counted(split[part]).length)),
  }))
  const lines = splits.map(
    (split) =>
      `${split.name.padEnd(names)}  ${picture(split, t0.length)}  ${columns.map(({ part, width }) => counted(split[part]).padStart(width)).join('  ')}`,
  )
  return [
    `${pair}  ${title}: ${meaning}`,
    `${number(t0.length)} rows from ${isoMinute(t0[0])} to ${isoMinute(t0[t0.length - 1])}`,
    '',
    `${' '.repeat(names + 2 + CELLS)}  ${columns.map(({ part, width }) => part.padStart(width)).join('  ')}`,
    ...lines,
    '',
    `${MARKS.train} train  ${MARKS.validation} validation  ${MARKS.score} score  ${GIVEN_UP} given up; rows, and in brackets those purged or without a label`,
    '',
  ].join('\n')
}

/** One line of `CELLS` characters over `rows` rows. */
export function picture(split: Split, rows: number): string {
  const use = new Array<string>(rows).fill(' ')
  for (const part of ['train', 'validation', 'score'] as const) {
    for (const { start, end } of split[part].ranges) use.fill(GIVEN_UP, start, end)
    for (const row of split[part].rows) use[row] = MARKS[part]
  }
  return Array.from({ length: CELLS }, (_, cell) => use[Math.floor(((cell + 0.5) * rows) / CELLS)]).join('')
}

function number(value: number): string {
  return value.toLocaleString('en')
}
