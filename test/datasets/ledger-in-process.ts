/**
 * Run in a process of its own by the ledger's test: records entries one by one, of which those with an even number are shared with the
 * other processes.
 */
import { recordInLedger } from '../../src/datasets/ledger.js'
import { trial } from '../support/ledger-entry.js'

const { REGISTRY: path = '', NAME: name = '', COUNT: count = '0' } = process.env
let added = 0
for (let i = 0; i < Number(count); i++) {
  added += await recordInLedger(path, [trial(i % 2 === 0 ? `shared ${i}` : `${name} ${i}`)], i)
}
process.stdout.write(String(added))
