/** Windows are views: what is copied is the batch at hand. */
import { describe, expect, it } from 'vitest'
import { windowsOf } from '../../../src/models/neural/windows.js'

describe('60,000 windows of 64 rows of 30 inputs', () => {
  const [rows, steps, features, batch] = [60_000, 64, 30, 256]
  const table = { rows, columns: features, values: Float32Array.from({ length: rows * features }, (_, i) => i % 9973) }
  const position = Int32Array.from({ length: rows }, (_, row) => row)
  const x = { ...table, history: { table, position, run: position.map((row) => row + 1) } }
  const scaler = {
    features: Array.from({ length: features }, (_, i) => `f${i}`),
    ...{ median: new Float64Array(features), mean: new Float64Array(features) },
    ...{ scale: new Float64Array(features).fill(1), clip: 1e9 },
  }

  it('take less memory than the table again, where copies would take 64 times as much', () => {
    const before = process.memoryUsage().arrayBuffers
    const windows = windowsOf(x, steps, scaler)
    const out = new Float32Array(steps * batch * features)
    for (let at = 0; at + batch <= windows.whole.length; at += batch)
      windows.gather(windows.whole.subarray(at, at + batch), out)
    expect(windows.whole).toHaveLength(rows - steps + 1)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(table.values.byteLength)
    // The last whole batch: step 0 of its first window is the row 63 before.
    const first = windows.whole[Math.floor(windows.whole.length / batch) * batch - batch]
    expect([...out.subarray(0, features)]).toEqual([
      ...table.values.subarray((first - steps + 1) * features, (first - steps + 2) * features),
    ])
  })
})
