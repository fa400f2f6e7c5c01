/** As importance, but the model is fitted again after each drop: what a dropped column said moves to those that said it too. */
import { type Dropped, largestOf, type SelectionMethod } from './method.js'

export const recursive: SelectionMethod = {
  name: 'recursive',
  meaning:
    'Fits the candidate, drops a share of the columns with the smallest gain, and again until few enough are left.',
  reference: 'Guyon et al. 2002, Machine Learning 46 (recursive feature elimination)',
  parameters: {
    keep: { default: 30, range: [1, 100_000], integer: true, meaning: 'Columns that stay.' },
    share: { default: 0.25, range: [0.01, 0.9], meaning: 'Share of the columns dropped after each fit, one at least.' },
  },

  async choose(view, columns, [keep, share]) {
    let kept = columns
    let dropped: readonly Dropped[] = []
    while (kept.length > keep) {
      const fewer = kept.length - Math.max(1, Math.floor(kept.length * share))
      const next = largestOf(kept, await view.gain(kept), Math.max(keep, fewer))
      kept = next.kept
      dropped = [...dropped, ...next.dropped]
    }
    return { kept, dropped }
  },
}
