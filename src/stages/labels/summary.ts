/**
 * Labels, and what features have to do with them, in one line each, for the terminal.
 */
import type { LabelBalance } from '../../labels/balance.js'
import type { LabelRelations } from '../../labels/relations.js'

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

export function relationSummary({ features, band, rows }: LabelRelations): string {
  const [strongest] = features
  if (band === null || strongest === undefined || strongest.correlation === null) {
    return `${features.length} features, no labelled row before the test part`
  }
  const beyond = features.filter(({ correlation }) => Math.abs(correlation ?? 0) > band).length
  const text = `${beyond} of ${features.length} features beyond the ±${band.toFixed(3)} of chance in ${count(rows)} rows`
  return `${text}, strongest ${strongest.feature} ${strongest.correlation.toFixed(3)}`
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function percent(fraction: number, digits: number): string {
  return `${(100 * fraction).toFixed(digits)} %`
}
