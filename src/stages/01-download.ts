/**
 * What the exchange publishes → raw Parquet, one unit per series and month: the monthly file first, daily files where it is absent, and
 * REST for the days that have no file yet and the rows that a file lacks. What REST gave stands in a file of its own. What is absent is
 * a fact in the manifest; only a pair with no klines at all is an error.
 */
import { fetchMonth } from './download/fetch-month.js'
import { planIndex, writeIndex } from './download/index-file.js'
import { askInstrument, planInstrument } from './download/instrument.js'
import { planFiles } from './download/plan-files.js'
import type { Stage } from './stage.js'

export const download: Stage = {
  name: 'download',
  purpose: 'Fetch what the exchange publishes, verified by checksum',
  steps: [
    { name: 'instrument', scope: 'pair', plan: planInstrument, run: askInstrument },
    { name: 'files', scope: 'pair', plan: planFiles, run: fetchMonth },
    { name: 'index', scope: 'pair', plan: planIndex, run: writeIndex },
  ],
}
