/** How far the folds of a candidate agree about the features: on what was chosen, and on what the models lean on. */
import { readImportance } from '../../datasets/report-sources.js'
import type { SelectionRecord } from '../../validation/columns/select.js'
import { type FoldStability, selectionStability } from '../../validation/stability.js'

/** So many features count as what a model leans on, or half of all where there are fewer than twice as many. */
const TOP = 20

/**
 * @param records  selection.json of each fold, and `final` of the final split
 * @param paths    importance.csv of each fold
 */
export function foldStability(
  records: readonly SelectionRecord[],
  final: SelectionRecord,
  paths: readonly string[],
): FoldStability {
  const { features } = final
  const top = Math.min(TOP, Math.floor(features.length / 2))
  const leaning = paths.map((path) =>
    readImportance(path)
      .filter(({ gain }) => gain > 0)
      .sort((a, b) => b.gain - a.gain || (a.feature < b.feature ? -1 : 1))
      .slice(0, top)
      .map(({ feature }) => feature),
  )
  return {
    features: features.length,
    chosen: final.chosen.length,
    steps: final.steps,
    stability: selectionStability(
      features,
      records.map(({ chosen }) => chosen),
    ),
    importance: { top, ...selectionStability(features, leaning) },
  }
}
