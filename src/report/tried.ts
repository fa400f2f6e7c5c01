/**
 * What a report says of how much was tried before its result.
 */

/** How much was tried on these data, this run included. */
export type TrialsReport = {
  readonly fits: number
  readonly trials: number
  readonly backtests: number // of the test part
  readonly configurations: number
  readonly tried: number // N of the deflated Sharpe ratio
  readonly candidates: number // of this run
}
