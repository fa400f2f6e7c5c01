/**
 * Labels in one line, for the terminal.
 */
import type { LabelBalance } from '../../labels/balance.js'

export function labelSummary({ task, classes, total, values }: LabelBalance, rows: number): string {
  const text = `${count(total.labelled)} of ${count(rows)} rows labelled`
  if (total.labelled === 0) return text
  if (task === 'classification') {
    const shares = classes.map((value, i) => `${value}: ${percent(total.classes[i] / total.labelled, 1)}`).reverse()
    return `${text}, ${shares.join(', ')}`
  }
  if (values === null) return text
  const [, low, , middle, , high] = values.quantiles
  return `${text}, median ${percent(middle, 2)}, 90 % within ${percent(low, 2)} … ${percent(high, 2)}`
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function percent(fraction: number, digits: number): string {
  return `${(100 * fraction).toFixed(digits)} %`
}
