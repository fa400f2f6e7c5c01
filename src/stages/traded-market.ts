/** What predictions are traded on, the same for select and backtest: base bars, funding, the mark price, and the book where fills are bounded by it. */
import type { TradedMarket } from '../backtest/trade-predictions.js'
import type { BacktestSettings } from '../backtest/types.js'
import type { Timeframe } from '../core/time.js'
import { type Done, type InputFile, inputsFrom, type PlanContext, type Task } from './stage.js'

const MARK = 'mark_price'
const BOOK = 'book_depth_bars'

export function marketInputs({ config, done }: Pick<PlanContext, 'config' | 'done'>): InputFile[] {
  return [
    ...inputsFrom(done('clean', 'bars'), [`bars_${config['bars.base']}`]),
    ...inputsFrom(done('clean', 'quality'), ['funding']),
    ...inputsFrom(seriesUnits(done('clean', 'series'), MARK), [MARK]),
    ...(config['backtest.depthShare'] === null ? [] : inputsFrom(seriesUnits(done('clean', 'series'), BOOK), [BOOK])),
  ]
}

function seriesUnits(series: readonly Done[], name: string): Done[] {
  return series.filter(({ settings }) => settings.series === name)
}

export function hasBook(inputs: readonly InputFile[]): boolean {
  return inputs.some(({ name }) => name === BOOK)
}

/** What a backtest's entry in the ledger says of it, beside the bars, which are the snapshot. */
export function marketContent(inputs: readonly InputFile[]): {
  readonly funding: string | null
  readonly mark: readonly string[]
  readonly book?: readonly string[]
} {
  const hashes = (name: string) => inputs.filter((input) => input.name === name).map(({ sha256 }) => sha256)
  return {
    funding: hashes('funding').at(0) ?? null,
    mark: hashes(MARK),
    ...(hasBook(inputs) ? { book: hashes(BOOK) } : {}),
  }
}

/**
 * @param pair     whose market it is, for the terms that it has of its own
 * @param pathsOf  the files of an input, in the order of time; none where there is none
 * @throws UserError when the mark price is not there and must be
 */
export async function readMarket(
  settings: Task['settings'],
  pair: string,
  pathsOf: (name: string) => string[],
): Promise<TradedMarket> {
  const { markPriceOf } = await import('../backtest/mark-price.js')
  const { readBars, readFunding } = await import('../datasets/bars-table.js')
  const { depthOf } = await import('../backtest/depth.js')
  const { readNearDepth, readPrices } = await import('../datasets/series-table.js')
  const timeframe = settings['bars.base'] as Timeframe
  const base = await readBars(pathsOf(`bars_${timeframe}`), timeframe)
  const funding = await readFunding(pathsOf('funding'))
  const missing = settings['backtest.missingMarkPrice'] as BacktestSettings['missingFunding']
  const asked = settings['backtest.depthShare'] !== null
  const book = asked ? { depth: depthOf(base, await readNearDepth(pathsOf(BOOK))) } : {}
  if (settings['data.venue'] === 'binance-spot') return { pair, base, funding, markPrice: null, ...book }
  return { pair, base, funding, markPrice: markPriceOf(base, await readPrices(pathsOf(MARK)), missing), ...book }
}
