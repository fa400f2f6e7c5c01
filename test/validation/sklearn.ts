/** scikit-learn's numbers on its fixed set. */
import { referenceTable, referenceText } from '../support/reference.js'

export function sklearn() {
  const column = referenceTable('sklearn-data.csv')
  return {
    metrics: JSON.parse(referenceText('sklearn-metrics.json')),
    column,
    p: [column('p0'), column('p1'), column('p2')],
    actual: Int32Array.from(column('y')),
    hit: Uint8Array.from(column('y_binary')),
    tied: column('p2_tied'),
    weight: column('weight'),
  }
}
