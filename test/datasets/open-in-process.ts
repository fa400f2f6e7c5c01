/**
 * Run in a process of its own by the registry's test: says that it is ready, reads a moment from its input, and from then on opens a
 * new file every 40 ms, at the same moments as its siblings.
 */
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { openRegistry } from '../../src/datasets/model-registry.js'

const { REGISTRY: path = '', COUNT: count } = process.env
const warm = await openRegistry(':memory:')
warm.close()
writeSync(1, 'ready\n')
const [moment] = await once(process.stdin.setEncoding('utf8'), 'data')
for (let i = 0; i < Number(count); i++) {
  while (Date.now() < Number(moment) + 40 * i);
  const registry = await openRegistry(`${path}.${i}`)
  registry.close()
}
process.stdin.destroy()
