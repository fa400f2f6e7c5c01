/** scikit-learn's numbers on its fixed set, from the reference folder beside the checkout. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../../shared/reference/sklearn')
export const hasReference = existsSync(join(folder, 'metrics.json'))
if (!hasReference) console.log(`SKIPPED: comparisons with scikit-learn, ${folder} is absent`)

/** Only to be called where `hasReference` holds. */
export function sklearn() {
  const lines = readFileSync(join(folder, 'data.csv'), 'utf8').trim().split('\n')
  const names = lines[0].split(',')
  const cells = lines.slice(1).map((line) => line.split(',').map(Number))
  const metrics = JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8'))
  const column = (name: string) => Float64Array.from(cells, (row) => row[names.indexOf(name)])
  return {
    metrics,
    column,
    p: [column('p0'), column('p1'), column('p2')],
    actual: Int32Array.from(column('y')),
    hit: Uint8Array.from(column('y_binary')),
    tied: column('p2_tied'),
    weight: column('weight'),
  }
}
