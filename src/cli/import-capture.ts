/**
 * A recording of websocket messages as files of the archive. Of the book's changes the archive has no kind, and a day that was recorded in
 * part says nothing of liquidations, whose silence means something; so both are left out, and it is said.
 */
import { loadCapture } from '../datasets/import-capture.js'
import { pairFromSymbol } from '../market/recognise/names.js'
import { publishes } from '../sources/keys.js'
import type { FileOutcome, ImportWishes, RecognisedFile } from './import-file.js'

export async function recogniseCapture(path: string, table: string, wishes: ImportWishes): Promise<FileOutcome> {
  const { tables, unused, broken, isFutures } = await loadCapture(path, table)
  const venue = wishes.venue ?? (isFutures ? 'binance-um' : 'binance-spot')
  const left = Object.entries(unused).map(([stream, count]) => `${count.toLocaleString('en')} of ${stream}`)
  const notes = [
    ...(wishes.venue === null ? [`venue ${venue}, by the form of its messages`] : []),
    ...(left.length > 0 ? [`messages left out: ${left.join(', ')}`] : []),
    ...(broken > 0 ? [`lines that are no message of a stream left out: ${broken.toLocaleString('en')}`] : []),
  ]
  const pairOf = (symbol: string) => wishes.pair ?? pairFromSymbol(symbol)
  // A symbol becomes a folder, so a name that is none is not taken as it stands.
  const strange = tables.find(({ symbol }) => pairOf(symbol) === null)
  if (strange !== undefined) {
    return {
      problems: [
        {
          problem: `its symbol ${JSON.stringify(strange.symbol)} is not the name of a pair such as BTCUSDT`,
          hint: 'name the pair as the exchange does: --pair BTCUSDT',
        },
      ],
    }
  }
  const files = tables
    .filter(({ kind }) => publishes(venue, kind))
    .map(({ table: name, kind, symbol, columns, rows }): RecognisedFile => {
      const pair = pairOf(symbol) ?? symbol
      return {
        ...{
          table: name,
          rows,
          venue,
          pair,
          kind,
          timeframe: null,
          shift: 0,
          isReversed: false,
          cut: 'day',
          isKept: true,
        },
        ...{ numbers: Object.keys(columns).filter((column) => column !== 'time'), columns, unused: [] },
        ...{ timeUnit: 'ms', timeZone: 'UTC', label: null, labelBecause: null, notes },
      }
    })
  if (files.length > 0) return { files }
  return {
    problems: [
      {
        problem: `it has no messages of trades or best prices${left.length > 0 ? `, but ${left.join(', ')}` : ''}`,
        hint: 'record the streams trade, aggTrade or bookTicker',
      },
    ],
  }
}
