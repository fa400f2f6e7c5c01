/** Beside scikit-learn's own splitters, where Python has them: without labels that reach anywhere the cuts are the same. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/core/time.js'
import { purgedKFold } from '../../src/validation/group-folds.js'
import { rollingWindow } from '../../src/validation/rolling-folds.js'
import { type Split, type SplitPlan, walkForward } from '../../src/validation/splits.js'
import { evenRows } from './split-data.js'

const SCRIPT = `
import json, sys
import numpy as np
from sklearn.model_selection import KFold, TimeSeriesSplit
kind, n, options = json.loads(sys.argv[1])
splitter = {'k-fold': KFold, 'series': TimeSeriesSplit}[kind](**options)
print(json.dumps([[train.tolist(), test.tolist()] for train, test in splitter.split(np.zeros((n, 1)))]))
`

type Folds = [train: number[], test: number[]][]

function sklearn(kind: 'k-fold' | 'series', rows: number, options: Record<string, number>): Folds | null {
  const { status, stdout } = spawnSync('/usr/bin/python3', ['-c', SCRIPT, JSON.stringify([kind, rows, options])], {
    encoding: 'utf8',
  })
  return status === 0 ? (JSON.parse(stdout) as Folds) : null
}

const has = sklearn('k-fold', 4, { n_splits: 2 }) !== null
if (!has) console.log('SKIPPED: folds beside scikit-learn, /usr/bin/python3 has none')

// 2000 rows of which the last 400 are the test part: folds lie in the first 1600.
const OPTIONS = { folds: 5, embargoMs: 0, testFraction: 0.2 }
const ROWS = 1600

/** Ours takes validation out of what scikit-learn trains on. */
const ours = ({ folds }: SplitPlan): Folds =>
  folds.map(({ train, validation, score }: Split) => [
    [...train.rows, ...validation.rows].sort((a, b) => a - b),
    [...score.rows],
  ])

describe.runIf(has)('scikit-learn', () => {
  it('KFold has the groups of purged k-fold', () => {
    expect(ours(purgedKFold(evenRows(2000, 0), OPTIONS))).toEqual(sklearn('k-fold', ROWS, { n_splits: 5 }))
  })

  it('TimeSeriesSplit has the folds of walking forward', () => {
    // A block is 1600 / 8 rows.
    expect(ours(walkForward(evenRows(2000, 0), OPTIONS))).toEqual(
      sklearn('series', ROWS, { n_splits: 5, test_size: 200 }),
    )
  })

  it('TimeSeriesSplit with a largest training size has those of the rolling window', () => {
    // The window of 400 rows and the 200 that validate.
    expect(ours(rollingWindow(evenRows(2000, 0), { ...OPTIONS, windowMs: 400 * MINUTE }))).toEqual(
      sklearn('series', ROWS, { n_splits: 5, test_size: 200, max_train_size: 600 }),
    )
  })

  it('has the gap at the border that purging makes where all labels are equally long', () => {
    // Labels of 5 minutes: the row 5 before the border ends where the scored part begins and stays, 4 rows go.
    const gapped = sklearn('series', ROWS, { n_splits: 5, test_size: 200, gap: 4 })
    const { folds } = walkForward(evenRows(2000, 5), OPTIONS)
    folds.forEach(({ validation }, k) => {
      expect(validation.rows.at(-1)).toBe(gapped?.[k][0].at(-1))
    })
  })
})
