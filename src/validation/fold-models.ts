/**
 * The rule of folds without a model: one whose training rows are all of one class cannot be fitted, and whoever had
 * traded then had no signal.
 */

/** Of the folds of a candidate, so many must have a model: half of them. */
export function enoughFolds(folds: number, without: number): boolean {
  return 2 * without <= folds
}

/**
 * Why a candidate is not judged that lacks so many; null when enough of its folds have a model.
 *
 * @param reasons  of the folds that have none
 */
export function foldsProblem(folds: number, reasons: readonly string[]): string | null {
  if (enoughFolds(folds, reasons.length)) return null
  return `${reasons.length} of its ${folds} folds have no model, more than half: ${reasons[0]}`
}
