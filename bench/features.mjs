/**
 * Indicator columns on 300,000 one-minute bars, one core: the 69 columns of the reference comparison (kernels alone, as
 * TA-Lib is called), some of the same from the npm package technicalindicators, and the feature table with its presets.
 * Bars of design: TA-Lib C 0.16 s warm for the 69 on the reference machine. Compile first: npx tsc -p tsconfig.json
 *
 *     node bench/features.mjs [--rows 300000]
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import * as peer from 'technicalindicators'
import { featureMatrix } from '../dist/features/matrix.js'
import { emptyBars } from '../dist/market/bars.js'
import { aroonDown, aroonUp, directionalMovement } from '../dist/math/directional.js'
import { difference, logReturn, relativeChange } from '../dist/math/elementwise.js'
import { exponentialMovingAverage } from '../dist/math/moving-average.js'
import { macdLines, relativeStrength } from '../dist/math/oscillators.js'
import * as range from '../dist/math/range-oscillators.js'
import { rollingCorrelation } from '../dist/math/rolling-correlation.js'
import { rollingMax, rollingMin } from '../dist/math/rolling-extremes.js'
import { rollingMeanAndSpread, rollingStd } from '../dist/math/rolling-moments.js'
import { weightedMovingAverage } from '../dist/math/rolling-regression.js'
import { rollingMean, rollingSum } from '../dist/math/rolling-sum.js'
import { averageTrueRange, trueRange } from '../dist/math/true-range.js'
import { accumulationDistribution, chaikinOscillator, onBalanceVolume } from '../dist/math/volume-flow.js'
import { benchBars, timed } from './real-bars.mjs'

const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '300000' } } })
const rows = Number(flags.rows)
const { bars, source } = await benchBars(rows)
fillVolumes()
const { open, high, low, close, volume } = bars
const origin = bars.openTime[0] / 60_000
console.log(`${cpus()[0].model}, Node ${process.version}, ${source}; ${rows} bars`)

/** Volumes are drawn up from the bars' own ranges: the kernels' work does not depend on them. */
function fillVolumes() {
  for (let i = 0; i < rows; i++) {
    bars.volume[i] = 1000 + Math.round(1e6 * (bars.high[i] / bars.low[i] - 1)) + (i % 97)
    bars.quoteVolume[i] = bars.volume[i] * bars.close[i]
    bars.count[i] = 1 + (i % 53)
    bars.takerBuyVolume[i] = bars.volume[i] * ((i % 101) / 100)
    bars.takerBuyQuoteVolume[i] = bars.takerBuyVolume[i] * bars.close[i]
    bars.baseBars[i] = 1
  }
}

/** Each call with the number of columns it makes. */
const CALLS = [
  ...[5, 10, 20, 50, 100, 200].flatMap((n) => [
    [1, `sma ${n}`, () => rollingMean(close, n, origin)],
    [1, `ema ${n}`, () => exponentialMovingAverage(close, n)],
    [1, `wma ${n}`, () => weightedMovingAverage(close, n, origin)],
  ]),
  ...[2, 7, 14, 21, 50].map((n) => [1, `rsi ${n}`, () => relativeStrength(close, n)]),
  [3, 'macd', () => macdLines(close, { fast: 12, slow: 26, signal: 9 })],
  [1, 'stochastic k', () => range.stochasticK(bars, { window: 14, slow: 3, origin })],
  [1, 'stochastic d', () => range.stochasticD(bars, { window: 14, slow: 3, origin })],
  ...[14, 21].map((n) => [1, `williams ${n}`, () => range.williamsR(bars, n)]),
  ...[14, 20].map((n) => [1, `cci ${n}`, () => range.commodityChannel(bars, n, origin)]),
  ...[1, 5, 10, 20].map((n) => [1, `roc ${n}`, () => relativeChange(close, n)]),
  [1, 'mfi', () => range.moneyFlow(bars, 14, origin)],
  ...[14, 21].map((n) => [3, `adx ${n}`, () => directionalMovement(bars, n)]),
  [1, 'aroon up', () => aroonUp(high, 25)],
  [1, 'aroon down', () => aroonDown(low, 25)],
  ...[7, 14, 21].map((n) => [1, `atr ${n}`, () => averageTrueRange(bars, n)]),
  [1, 'true range', () => trueRange(bars)],
  ...[20, 50].map((n) => [2, `bollinger ${n}`, () => rollingMeanAndSpread(close, n, origin)]),
  [1, 'obv', () => onBalanceVolume(close, volume)],
  [1, 'ad', () => accumulationDistribution(bars)],
  [1, 'adosc', () => chaikinOscillator(bars, 3, 10)],
  ...[10, 20, 30].map((n) => [1, `std ${n}`, () => rollingStd(returns, n, origin)]),
  [1, 'correlation', () => rollingCorrelation(volumeChange, returns, { window: 20, origin })],
  ...[20, 50].flatMap((n) => [
    [1, `min ${n}`, () => rollingMin(close, n)],
    [1, `max ${n}`, () => rollingMax(close, n)],
  ]),
  [1, 'volume sum', () => rollingSum(volume, 60, origin)],
  [1, 'log return', () => logReturn(close, 1)],
  [1, 'typical price', () => range.typicalPrice(bars)],
]
const returns = logReturn(close, 1)
const volumeChange = difference(volume, 1)

const REPEATS = 5
const columns = CALLS.reduce((total, [count]) => total + count, 0)
let sink = 0
const all = timed(() => {
  for (const [, , call] of CALLS) sink += call().length ?? 0
}, REPEATS)
print(`kernels, ${columns} columns`, all, `TA-Lib C on the reference machine: 160 ms for 69`)
const each = CALLS.map(([, name, call]) => [name, timed(call, REPEATS).median]).sort((a, b) => b[1] - a[1])
console.log(
  `  slowest: ${each
    .slice(0, 8)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)} ms`)
    .join(', ')}`,
)

const lists = { open: [...open], high: [...high], low: [...low], close: [...close], volume: [...volume] }
const PEERS = {
  'sma 20': () => peer.SMA.calculate({ period: 20, values: lists.close }),
  'ema 20': () => peer.EMA.calculate({ period: 20, values: lists.close }),
  'wma 20': () => peer.WMA.calculate({ period: 20, values: lists.close }),
  'rsi 14': () => peer.RSI.calculate({ period: 14, values: lists.close }),
  'roc 10': () => peer.ROC.calculate({ period: 10, values: lists.close }),
  'atr 14': () => peer.ATR.calculate({ period: 14, ...lists }),
  'adx 14': () => peer.ADX.calculate({ period: 14, ...lists }),
  'williams 14': () => peer.WilliamsR.calculate({ period: 14, ...lists }),
}
let ours = 0
let theirs = 0
for (const [name, call] of Object.entries(PEERS)) {
  const start = performance.now()
  sink += call().length
  const ms = performance.now() - start
  const own = each.find(([other]) => other === name)[1]
  ours += own
  theirs += ms
  console.log(
    `  ${name.padEnd(14)} ${own.toFixed(2).padStart(7)} ms, technicalindicators ${ms.toFixed(0).padStart(6)} ms: ${(ms / own).toFixed(0)} ×`,
  )
}
console.log(`  these ${Object.keys(PEERS).length} together: ${(theirs / ours).toFixed(0)} × technicalindicators`)

const context = ['1h', '4h'].map((timeframe) => contextBars(timeframe))
for (const preset of ['core', 'all']) {
  const request = { decision: bars, context, series: {}, selection: { include: [preset], exclude: [] } }
  let made = 0
  const time = timed(() => {
    made = featureMatrix(request).names.length
  }, 2)
  print(
    `table '${preset}', 1m + 1h + 4h, ${made} columns`,
    time,
    `${((1000 * time.median) / made / 1000).toFixed(2)} ms a column`,
  )
}
console.log(`(${sink})`)

/** Higher bars from the first of each set: the table's cost does not depend on their values. */
function contextBars(timeframe) {
  const per = timeframe === '1h' ? 60 : 240
  const out = emptyBars(timeframe, bars.openTime[0], Math.floor(rows / per))
  for (const name of [
    'open',
    'high',
    'low',
    'close',
    'volume',
    'quoteVolume',
    'count',
    'takerBuyVolume',
    'takerBuyQuoteVolume',
  ]) {
    for (let i = 0; i < out.rows; i++) out[name][i] = bars[name][i * per]
  }
  return out
}

function print(name, { median, least, most }, note) {
  console.log(
    `${name.padEnd(44)} ${median.toFixed(1).padStart(8)} ms  (${least.toFixed(1)} – ${most.toFixed(1)})  ${note}`,
  )
}
