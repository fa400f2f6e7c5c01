/**
 * Run in a process of its own by the registry's test: registers and approves its own models, printing a line for each that was
 * acknowledged. Arguments by environment: the file, a name, how many (endless when absent).
 */
import { writeSync } from 'node:fs'
import { openRegistry } from '../../src/datasets/model-registry.js'
import { entry } from '../support/model-entry.js'

const { REGISTRY: path = '', NAME: name = '', COUNT: count } = process.env
const registry = await openRegistry(path)
for (let i = 0; i < Number(count ?? Number.POSITIVE_INFINITY); i++) {
  const model = entry(`${name} ${i}`)
  registry.register(model)
  registry.approve({ id: model.id, who: name, why: '', time: i, automatic: true })
  writeSync(1, `${model.id}\n`)
}
registry.close()
