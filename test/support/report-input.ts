/**
 * A made-up run as the report stage would describe it: seeded, of any length, with every kind of hole.
 */
import { createRandom } from '../../src/core/random.js'
import { DAY, HOUR, MINUTE, monthsOf, type Span } from '../../src/core/time.js'
import type { StoredTrial } from '../../src/datasets/report-sources.js'
import type { FeatureDefinition } from '../../src/features/definition.js'
import { studyFeatures } from '../../src/features/study/study.js'
import { championBaseline } from '../../src/report/champion.js'
import type { ComparedEntry } from '../../src/report/compare-page.js'
import type { FoldRow, MetricRow, PartReport, ReportInput } from '../../src/report/input.js'
import { renderReport } from '../../src/report/render-report.js'
import { reportSchema } from '../../src/report/schema/report.js'
import { splitReport } from '../../src/report/split.js'
import { tuningInput } from '../../src/report/tuning-input.js'
import { type FoldStability, selectionStability } from '../../src/validation/stability.js'
import { sampleStress } from './stress.js'

export type SampleOptions = {
  readonly seed?: number
  readonly days?: number
  readonly stepMs?: number
  readonly tradesPerDay?: number
  readonly drift?: number // of the strategy's trades, fraction of equity
  readonly simulated?: boolean
  readonly approved?: boolean
  readonly withoutFunding?: boolean
  readonly pair?: string
  readonly features?: number
  readonly champion?: boolean
}

const START = Date.UTC(2024, 0, 1)
const FAMILIES = ['price', 'momentum', 'trend', 'volatility', 'volume', 'order flow', 'time', 'funding']

export function sampleReportInput(options: SampleOptions = {}): ReportInput {
  const {
    seed = 42,
    days = 213,
    stepMs = 5 * MINUTE,
    simulated = true,
    approved = false,
    pair = 'BTCUSDT',
    features = 64,
  } = options
  const span = { from: START, to: START + days * DAY }
  const cut = START + Math.floor(days * 0.85) * DAY
  const price = priceSeries(span, stepMs, seed)
  const test = part({ from: cut, to: span.to }, price, options, `test ${seed}`)
  const outOfFold = part({ from: START + Math.floor(days * 0.35) * DAY, to: cut }, price, options, `oof ${seed}`)
  const folds = foldRows(span.from, outOfFold.span)
  const importance = importanceRows(seed, features)
  return {
    pair,
    venue: 'binance-um',
    market: 'perpetual',
    quoteAsset: 'USDT',
    span,
    bars: { base: '1m', decision: '5m', context: ['1h', '4h', '1d'] },
    simulated: simulated ? { seed, edge: 0.35 } : null,
    approval: approved
      ? { state: 'approved', model: 'xgboost', version: '1.2.0' }
      : { state: 'not approved', model: 'xgboost', version: null, reason: 'precision 0.5612, at least 0.6' },
    gates: [
      gate('precision', 0.5612, 0.6, 'at least', 212),
      gate('sharpe', 1.84, 1.2, 'at least', 96),
      gate('maxDrawdown', 0.0731, 0.2, 'at most', 96),
      {
        ...gate('calibrationError', 0, 0.05, 'at most', 12),
        value: null,
        passed: false,
        reason: 'rests on 12, needs 30',
      },
      gate('deflatedSharpe', 0.81, 0.95, 'at least', 96),
      gate('pbo', 0.31, 0.5, 'at most', 113),
      { ...gate('stability', 0.62, 0.4, 'at least', 5), required: false },
    ],
    minTrades: 30,
    candidates: ['xgboost', 'logistic'].map((name, i) => ({
      name,
      approved: approved && i === 0,
      shown: i === 0,
      score: i === 0 ? 0.5731 : 0.3312,
      gates: [gate('precision', 0.5612, 0.6, 'at least', 212), gate('pbo', 0.31, 0.5, 'at most', 113)],
      test: [...test.predictions.slice(0, 3), { key: 'deflatedSharpe', unit: 'score' as const, value: 0.81 }],
      outOfFold: outOfFold.predictions.slice(0, 3),
      ...(i === 0 ? {} : { note: 'baseline' }),
    })),
    trials: { fits: 24, trials: 40, backtests: 4, configurations: 44, tried: 44, candidates: 2 },
    features: {
      count: importance.length,
      hash: 'a3f1'.repeat(16),
      families: FAMILIES.map((family) => ({ family, count: importance.filter((row) => row.family === family).length })),
      absent: [
        { name: 'premium', reason: 'premium: not known in any 5m bar' },
        { name: 'premium_change', reason: 'premium: not known in any 5m bar' },
      ],
    },
    featureStudy: featureStudy(importance, { span, cut, seed }),
    tuning: tuningInput(storedTrials(seed)),
    certificate: {
      verdict: 'passed',
      hash: 'a3f1'.repeat(16),
      features: importance.length,
      rows: 61_344,
      span,
      cuts: [
        { time: span.from + 3 * DAY, place: 'chance' },
        { time: span.from + 9 * DAY - HOUR, place: 'before 1d' },
      ],
      warmups: { measured: importance.length - 1, late: 0 },
      complaints: [],
    },
    test,
    outOfFold,
    intervalLevel: 0.95,
    price: { time: price.time, close: price.close },
    folds,
    split: splitReport('walk-forward', []),
    importance,
    featureChoice: featureChoice(importance),
    labels: labels(span, seed, importance),
    quality: quality(span),
    costs: {
      makerBps: 2,
      takerBps: 5,
      feeTiers: 0,
      slippage: 'fixed',
      slippageBps: 1,
      spreadBps: 2,
      volatilityShare: 0.1,
      impact: 1,
      latencyBars: 1,
      order: 'market',
      limitBps: 0,
      orderBars: 5,
      volumeShare: null,
      depthShare: null,
      takeProfits: [],
      trailing: 0,
      trailingAfter: 0,
      reversal: false,
      sizing: 'fixed-risk',
      riskFraction: 0.005,
      kellyFraction: 0.25,
      targetVolatility: 0.2,
      leverage: 1,
      margin: 'isolated',
      missingFunding: 'exclude',
    },
    threshold: {
      threshold: 0.4733,
      breakEven: 0.3733,
      margin: 0.1,
      signals: 1042,
      independentSignals: 118,
      precision: 0.5834,
      precisionLow: 0.5231,
      reason: 'likeliest to reach a precision of 0.60, 30 trades and a gain beyond chance: 71 %',
    },
    config: [
      { key: 'seed', value: String(seed) },
      { key: 'labels.type', value: 'ternary' },
      { key: 'train.models', value: 'logistic, xgboost' },
    ],
    lineage: [
      { kind: 'raw', name: 'klines/1m/2024-01.parquet', hash: '0d5e'.repeat(16) },
      { kind: 'features', name: '5m/2024-01.parquet', hash: '7b21'.repeat(16) },
      { kind: 'model file', name: 'xgboost/model.json', hash: 'c0de'.repeat(16) },
    ],
  }
}

type Price = { readonly time: Float64Array; readonly close: Float64Array; readonly stepMs: number }

function priceSeries(span: Span, stepMs: number, seed: number): Price {
  const random = createRandom(seed, 'price')
  const n = Math.round((span.to - span.from) / stepMs)
  const time = Float64Array.from({ length: n }, (_, i) => span.from + i * stepMs)
  const close = new Float64Array(n)
  const sigma = 0.03 * Math.sqrt(stepMs / DAY)
  let log = Math.log(43_000)
  for (let i = 0; i < n; i++) {
    log += sigma * random.normal()
    close[i] = Math.exp(log)
  }
  return { time, close, stepMs }
}

function part(span: Span, price: Price, options: SampleOptions, stream: string): PartReport {
  const { seed = 42, tradesPerDay = 3, drift = 0.0012, withoutFunding = false } = options
  const { stepMs } = price
  const random = createRandom(seed, stream)
  const start = Math.round((span.from - price.time[0]) / stepMs)
  const end = Math.round((span.to - price.time[0]) / stepMs)
  const openTime = price.time.slice(start, end)
  const close = price.close.slice(start, end)
  const n = openTime.length
  const rows = Math.max(0, Math.floor(((span.to - span.from) / DAY) * tradesPerDay))
  const column = () => new Float64Array(rows)
  const trades = {
    rows,
    entry_time: column(),
    exit_time: column(),
    side: column(),
    quantity: column(),
    entry_price: column(),
    exit_price: column(),
    exit_reason: column(),
    gross_pnl: column(),
    fees: column(),
    slippage_cost: column(),
    funding: column(),
    liquidation_fee: column(),
    net_pnl: column(),
    return_on_equity: column(),
  }
  const initialEquity = 10_000
  const equity = new Float64Array(n).fill(initialEquity)
  let money = initialEquity
  let bar = 0
  for (let i = 0; i < rows; i++) {
    const from = Math.floor(((i + 0.1 + 0.3 * random.next()) * n) / rows)
    const to = Math.min(n - 1, from + Math.max(1, Math.floor((0.4 * random.next() * n) / rows)))
    equity.fill(money, bar, to)
    trades.entry_time[i] = openTime[from]
    trades.exit_time[i] = openTime[to] + stepMs
    trades.side[i] = random.next() < 0.55 ? 1 : -1
    trades.entry_price[i] = close[from]
    trades.exit_price[i] = close[to]
    trades.quantity[i] = (money * 0.5) / close[from]
    trades.fees[i] = money * 0.5 * 0.0008
    trades.slippage_cost[i] = money * 0.5 * 0.0002
    trades.funding[i] = withoutFunding ? 0 : money * 0.00002 * random.normal()
    trades.gross_pnl[i] = money * (drift + 0.006 * random.normal())
    trades.net_pnl[i] = trades.gross_pnl[i] - trades.fees[i] - trades.slippage_cost[i] - trades.funding[i]
    trades.exit_reason[i] = trades.net_pnl[i] > 0 ? 1 : random.next() < 0.8 ? 0 : 2
    trades.return_on_equity[i] = trades.net_pnl[i] / money
    money += trades.net_pnl[i]
    bar = to
  }
  equity.fill(money, bar)
  const held = close.map((value) => (initialEquity * value) / close[0])
  const total = money / initialEquity - 1
  return {
    stress: sampleStress(),
    span,
    initialEquity,
    openTime,
    stepMs,
    equity,
    trades,
    metrics: accountMetrics(total, rows, trades.net_pnl),
    predictions: predictionMetrics(random.next()),
    buyAndHold: {
      equity: held,
      metrics: [{ key: 'total_return', unit: 'fraction', value: (held[n - 1] ?? initialEquity) / initialEquity - 1 }],
    },
    random: {
      runs: 200,
      tradesPerRun: rows,
      metrics: {
        total_return: compared(total, -0.12, 0.09),
        sharpe: compared(1.84, -2.1, 1.6),
        max_drawdown: compared(0.07, 0.06, 0.21),
        win_rate: { strategy: null, reason: 'no random run has a value' },
        profit_factor: compared(1.3, 0.7, 1.2),
      },
    },
    champion: sampleChampion(span, stream, options),
    confusion: [
      [40, 500, 21],
      [33, 1400, 41],
      [19, 890, 56],
    ],
    reliability: {
      error: 0.0312,
      count: 3000,
      bins: Array.from({ length: 10 }, (_, i) => {
        const confidence = 0.3 + 0.04 * i
        const hitRate = confidence + 0.03 * random.normal()
        return { confidence, hitRate, low: hitRate - 0.06, high: hitRate + 0.06, count: 300, independent: 60 }
      }),
    },
    withoutFunding,
    withoutMarkPrice: true,
  }
}

function compared(strategy: number, p05: number, p95: number) {
  return { strategy, mean: (p05 + p95) / 2, p05, median: (p05 + p95) / 2, p95, percentile: 0.93 }
}

function accountMetrics(total: number, trades: number, netPnl: Float64Array): MetricRow[] {
  const wins = netPnl.filter((pnl) => pnl > 0).length
  return [
    { key: 'total_return', unit: 'fraction', value: total },
    { key: 'annualised_return', unit: 'fraction', value: null, reason: '29.0 days are fewer than 30' },
    { key: 'sharpe', unit: 'ratio', value: 1.84, interval: [-0.42, 3.96] },
    { key: 'sortino', unit: 'ratio', value: 2.61 },
    { key: 'max_drawdown', unit: 'fraction', value: 0.0731 },
    { key: 'max_drawdown_days', unit: 'days', value: 11.4 },
    {
      key: 'win_rate',
      unit: 'fraction',
      value: trades === 0 ? null : wins / trades,
      reason: 'no trades',
      interval: [0.41, 0.59],
    },
    { key: 'profit_factor', unit: 'ratio', value: 1.31, intervalReason: '7 trades are fewer than 10' },
    { key: 'trades', unit: 'count', value: trades },
    { key: 'trades_per_day', unit: 'per day', value: 3.02 },
    { key: 'holding_hours', unit: 'hours', value: 2.71 },
    { key: 'turnover', unit: 'ratio', value: 1234.567, note: 'rests on 20 trades, fewer than 30' },
  ]
}

function predictionMetrics(shift: number): MetricRow[] {
  return [
    {
      key: 'precision',
      unit: 'fraction',
      value: 0.5612 - 0.01 * shift,
      interval: [0.4911, 0.6312],
      meaning: 'Winning signals ÷ all signals at the threshold.',
    },
    { key: 'auc', unit: 'score', value: 0.5831, interval: [0.5512, 0.6143] },
    { key: 'log_loss', unit: 'score', value: 1.0412 },
    { key: 'signals', unit: 'count', value: 1242 },
  ]
}

function gate(name: string, value: number, limit: number, bound: 'at least' | 'at most', count: number) {
  const passed = bound === 'at least' ? value >= limit : value <= limit
  return { gate: name, value, count, limit, bound, required: true, passed, reason: `${value}, ${bound} ${limit}` }
}

function foldRows(from: number, outOfFold: Span): FoldRow[] {
  const length = (outOfFold.to - outOfFold.from) / 5
  return Array.from({ length: 5 }, (_, i) => {
    const start = outOfFold.from + i * length
    const row = {
      fold: i + 1,
      train: { from, to: start - 12 * DAY },
      validation: { from: start - 12 * DAY, to: start },
      outOfFold: { from: start, to: start + length },
      trainRows: 20_000 + 5000 * i,
      validationRows: 3400,
      outOfFoldRows: 5800,
    }
    return i === 1
      ? {
          ...row,
          auc: null,
          logLoss: null,
          precision: null,
          signals: 0,
          bestRound: null,
          threshold: null,
          reason: 'one class only',
        }
      : {
          ...row,
          auc: 0.49 + 0.02 * i,
          aucInterval: [0.46 + 0.02 * i, 0.52 + 0.02 * i] as const,
          logLoss: 1.06 - 0.004 * i,
          precision: 0.5 + 0.01 * i,
          signals: 240 + i,
          bestRound: 61 + 7 * i,
          threshold: 0.46,
        }
  })
}

function importanceRows(seed: number, features: number) {
  const random = createRandom(seed, 'importance')
  const gains = Array.from({ length: features }, (_, i) => (i > 55 ? 0 : Math.exp(-i / 9) * (0.6 + random.next())))
  const all = gains.reduce((a, b) => a + b, 0)
  return gains.map((gain, i) => ({
    feature: `${FAMILIES[i % FAMILIES.length].replace(' ', '_')}_${i}`,
    family: FAMILIES[i % FAMILIES.length],
    gain: gain * 100,
    share: gain / all,
    permutation: (gain / all) * 0.01,
  }))
}

/** Hourly columns of every kind: noise, twins of it, such as drift, begin late, or never move. */
/** A search in which one trial was given up and one failed. */
function storedTrials(seed: number): StoredTrial[] {
  const random = createRandom(seed, 'trials')
  const space = [
    { name: 'eta', low: 0.01, high: 0.3, log: true },
    { name: 'maxDepth', low: 2, high: 8, log: false },
  ]
  return Array.from({ length: 12 }, (_, i): StoredTrial => {
    const tried = { eta: Number((0.01 * 30 ** random.next()).toPrecision(4)), maxDepth: 2 + random.below(7) }
    const loss = () => 0.6 + 0.1 * random.next()
    const trial = { model: 'xgboost', trial: i + 1, tried, space }
    if (i === 7) return { ...trial, state: 'failed', losses: [], reason: 'one class only' }
    if (i === 9) return { ...trial, state: 'pruned', losses: [0.72] }
    return { ...trial, state: 'complete', losses: [loss(), loss(), loss()] }
  })
}

function featureStudy(
  importance: ReportInput['importance'],
  { span, cut, seed }: { readonly span: Span; readonly cut: number; readonly seed: number },
): ReportInput['featureStudy'] {
  const rows = (span.to - span.from) / HOUR
  const timeframes = ['5m', '1h', '4h'] as const
  return studyFeatures({
    ...{ rows, from: span.from, stepMs: HOUR, seed },
    columns: importance.map(({ feature, family }, i) => ({
      ...{ name: feature, family: family as FeatureDefinition['family'], timeframe: timeframes[i % 3] },
    })),
    valuesOf(column) {
      const random = createRandom(seed, `values ${column % 5 === 4 ? column - 1 : column}`)
      const start = 40 * (column % 3)
      const drift = column % 7 === 6 ? 2 / rows : 0
      return Float32Array.from({ length: rows }, (_, row) => {
        const value = column % 11 === 10 ? 1 : random.normal() + drift * row
        return row < start ? Number.NaN : value
      })
    },
    train: { from: span.from, to: cut - 12 * DAY },
    test: { from: cut, to: span.to },
    gain: new Map(importance.map(({ feature, gain }) => [feature, gain])),
  })
}

function labels(span: Span, seed: number, importance: ReportInput['importance']): ReportInput['labels'] {
  const random = createRandom(seed, 'labels')
  const months = monthsOf(span).map((month) => {
    const rows = 8000
    const wins = Math.floor(rows * (0.2 + 0.1 * random.next()))
    const losses = Math.floor(rows * (0.2 + 0.1 * random.next()))
    const classes = [losses, rows - wins - losses, wins]
    const counts = { classes, labelled: rows, neither: 0, unknown: 12, outcomes: classes }
    return { month, counts, values: null, psi: 0.02 * random.next(), noise: 2 / 180 }
  })
  const total = months.reduce((sum, { counts }) => sum.map((value, i) => value + counts.classes[i]), [0, 0, 0])
  return {
    type: 'ternary',
    horizonHours: 4,
    ...{ barrier: 'fixed', profit: 0.02, stop: 0.01, costAware: false, shuffled: false, terms: [] },
    relations: {
      ...{ rows: 40_000, sampled: 8000, from: span.from, to: span.to - 30 * DAY, independent: 900, band: 0.0653 },
      features: importance.map(({ feature }, i) => ({
        ...{ feature, known: 8000 - i, correlation: i === 3 ? null : 0.2 / (i + 1) },
        information: i === 3 ? null : 0.02 / (i + 1),
      })),
    },
    balance: {
      ...{ type: 'ternary', meaning: '1: a long would win. -1: a short would win. 0: neither.' },
      ...{ task: 'classification', classes: [-1, 0, 1], values: null, months },
      total: {
        ...{ classes: total, outcomes: total, neither: 0, unknown: 12 * months.length },
        labelled: total.reduce((sum, rows) => sum + rows, 0),
      },
      independent: 180 * months.length,
    },
  }
}

function quality(span: Span): ReportInput['quality'] {
  const expected = (span.to - span.from) / MINUTE
  return {
    series: [
      {
        name: 'klines 1m',
        span,
        expected,
        present: expected - 97,
        missing: 97,
        duplicates: 3,
        outOfOrder: 2,
        impossible: 0,
        zeroVolume: 41,
        gaps: [
          { from: span.from + 40 * HOUR, to: span.from + 41 * HOUR, bars: 60, cause: 'not in the archive' },
          { from: span.from + 90 * HOUR, to: span.from + 90 * HOUR + 37 * MINUTE, bars: 37, cause: 'exchange halt' },
        ],
      },
      {
        name: 'funding',
        span,
        expected: null,
        present: 639,
        missing: null,
        duplicates: 0,
        outOfOrder: 0,
        impossible: null,
        zeroVolume: null,
        gaps: [],
      },
    ],
    absent: [{ name: 'mark price', reason: 'not fetched; the last price stands in for it' }],
    findings: [
      { series: 'klines 1m', what: 'jumps', count: 1, largest: { time: span.from + 7 * HOUR, logReturn: 0.0053 } },
      {
        ...{ series: 'klines 1m', what: 'runs of bars without volume', count: 2, largest: null },
        longest: { from: span.from + 5 * HOUR, bars: 19 },
      },
      { series: 'klines 1m', what: 'impossible: high below low', count: 1, largest: null, first: span.from + HOUR },
      { series: 'klines 1m', what: 'rows off the grid', count: 0, largest: null },
    ],
    disagreements: [
      {
        ...{ series: 'klines 1m', between: 'archive and REST', compared: 1440, differing: 1, largest: 0.25, taken: 11 },
        first: [{ time: span.from + 2 * HOUR, column: 'volume', kept: 3, other: 4 }],
      },
      {
        ...{ series: 'bars 1h', between: 'resampled and published', compared: 24, differing: 0, largest: 0 },
        ...{ taken: null, first: [] },
      },
    ],
  }
}

/** Five folds that lean on the same five features, and on half of the next ten. */
function featureChoice(importance: readonly { readonly feature: string }[]): FoldStability {
  const features = importance.map(({ feature }) => feature)
  const folds = Array.from({ length: 5 }, (_, fold) =>
    features.filter((_, i) => i < 5 || (i < 15 && (i + fold) % 2 === 0)),
  )
  return {
    features: features.length,
    chosen: features.length,
    steps: [],
    stability: selectionStability(
      features,
      folds.map(() => features),
    ),
    importance: { top: 10, ...selectionStability(features, folds) },
  }
}

/** Of some days of a part, the first half. */
function sampleChampion(span: Span, stream: string, { seed = 42, champion = true }: SampleOptions) {
  if (!champion) return { unavailable: 'no other model of this pair is or was in production' }
  const random = createRandom(seed, `champion ${stream}`)
  const records = Array.from({ length: Math.floor((span.to - span.from) / DAY) }, (_, i) => ({
    day: span.from + i * DAY,
    return: 0.004 * random.normal(),
    ...{ signals: 4, won: 2, trades: 2, gains: 30, losses: 20 },
  }))
  const theirs = records.slice(0, Math.ceil(records.length / 2)).map((day) => ({ ...day, return: -day.return / 2 }))
  return championBaseline(
    records,
    { model: 'lightgbm', version: '1.1.3', days: theirs },
    { initialEquity: 10_000, seed },
  )
}

/** A report as the page that compares reads it: through its JSON. */
export async function comparedEntry(href: string, runtime: string, options: SampleOptions): Promise<ComparedEntry> {
  const { json } = await renderReport(sampleReportInput(options), runtime)
  return { href, run: href, report: reportSchema.parse(JSON.parse(JSON.stringify(json))) }
}
