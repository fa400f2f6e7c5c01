/**
 * `sluice verify features`: makes the leakage certificates of the configured pairs from all clean data, and says what is in them.
 */
import { EXIT } from '../core/errors.js'
import { readJson } from '../datasets/files.js'
import { absolute } from '../datasets/workspace.js'
import type { CertificateRecord } from '../features/certificate-record.js'
import { type Flags, isSet, listOf, wholeNumberOf } from './flags.js'
import { printError } from './print-error.js'
import { runStage } from './run-command.js'
import { openSession, type Session } from './session.js'

/** Where a run looks at the newest rows and a few moments, this looks at all rows and many. */
const CUTS = 32

export async function verifyFeatures(flags: Flags): Promise<number> {
  const cuts = wholeNumberOf(flags, 'cuts', CUTS, 1)
  const whole = { ...flags, set: [`certificate.cuts=${cuts}`, 'certificate.rows=all', ...listOf(flags, 'set')] }
  const asked = isSet(flags, 'json')
  const code = await runStage('features', { ...whole, json: false, quiet: asked || isSet(flags, 'quiet') })
  if (code !== EXIT.done && code !== EXIT.gate) return code
  const session = openSession(whole)
  const found = session.config['data.pairs'].map((pair) => ({ pair, ...certificateOf(session, pair) }))
  process.stdout.write(asked ? `${JSON.stringify(found, null, 2)}\n` : found.map(lines).join(''))
  const failed = found.filter(({ verdict }) => verdict !== 'passed')
  if (failed.length === 0) return EXIT.done
  const list = failed.flatMap(({ pair, complaints }) => complaints.map((text) => `\n  ${pair} ${text}`))
  printError(
    `${failed.length} of ${found.length} pairs did not pass: ${list.length} ${list.length === 1 ? 'complaint' : 'complaints'}${list.join('')}`,
    'no model is trained on such columns: mend them, or leave them out with features.exclude',
  )
  return EXIT.gate
}

function certificateOf({ config, workspace }: Session, pair: string): CertificateRecord {
  const path = `data/features/${config['data.venue']}/${pair}/${config['bars.decision']}/certificate.json`
  return readJson(absolute(workspace, path)) as CertificateRecord
}

function lines({
  pair,
  verdict,
  features,
  bars,
  cuts,
  rows,
  from,
  to,
  featureSet,
  late,
}: CertificateRecord & { pair: string }) {
  const day = (time: string) => time.slice(0, 10)
  const places = [...new Set(cuts.map(({ place }) => place))].map(
    (place) => `${cuts.filter((cut) => cut.place === place).length} ${place === 'chance' ? 'by chance' : place}`,
  )
  const measured = features.filter((feature) => feature.measured !== null).length
  const compared = features.map((feature) => feature.compared)
  const [least, most] = [Math.min(...compared), Math.max(...compared)].map((count) => count.toLocaleString('en'))
  const timeframes = bars.map(({ timeframe }) => timeframe).join(', ')
  return `${pair.padEnd(12)} ${verdict}   ${features.length} columns, ${rows.toLocaleString('en')} rows, ${day(from)} to ${day(to)}
             feature set ${featureSet}
             cuts ${cuts.length}: ${places.join(', ')}
             rows compared of a column while what it may not know was another: ${least} to ${most}
             bars made again: ${timeframes}
             warm-up measured for ${measured} of ${features.length}${late.length > 0 ? `, later than declared: ${late.join(', ')}` : ''}
`
}
