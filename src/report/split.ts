/**
 * How the folds lay, as the report says it: a result of models that were trained on later rows must never pass for one that walked forward.
 */
import { scheme } from '../validation/schemes.js'

/** One way through all scored rows, traded as an account of its own. */
export type PathRow = {
  readonly path: number // from 1; the first is the out-of-fold part
  readonly trades: number
  readonly totalReturn: number | null
  readonly sharpe: number | null
  readonly maxDrawdown: number | null
}

export type SplitReport = {
  readonly scheme: string // a name of SCHEMES
  readonly foresight: boolean
  /** Empty where each row is scored once. */
  readonly paths: readonly PathRow[]
}

export function splitReport(name: string, paths: readonly PathRow[]): SplitReport {
  return { scheme: name, foresight: scheme(name).foresight, paths }
}

/** For a place with little room; null where the result is one that could have been had. */
export function foresightMark({ scheme: name, foresight }: SplitReport): string | null {
  return foresight
    ? `out-of-fold is ${name}: its models were trained on later rows too, so nobody could have traded it`
    : null
}

/** To follow the sentence that introduces an out-of-fold result; empty where that is an ordinary one. */
export function foresightNote({ foresight }: SplitReport): string {
  return foresight
    ? ' The out-of-fold models were trained on later rows too: nobody could have traded that result, only the test part is one of its time.'
    : ''
}

/** What each fold's model had seen. */
export function trainedOn({ foresight }: SplitReport): string {
  return foresight ? 'trained on what lies before and after the rows that it scores' : 'trained on its past'
}
