import { describe, expect, it } from 'vitest'
import { buyAndHold } from '../../src/backtest/buy-and-hold.js'
import { runBacktest } from '../../src/backtest/engine.js'
import { resolveConfig } from '../../src/config/load.js'
import type { Json } from '../../src/core/canonical.js'
import { MINUTE } from '../../src/core/time.js'
import type { BundleMetrics, PartTables, ReportSources, StoredCandidate } from '../../src/datasets/report-sources.js'
import { RULES } from '../../src/features/evidence.js'
import { sliceBars } from '../../src/market/bars.js'
import { cleanKlines } from '../../src/market/clean.js'
import { NO_EVIDENCE } from '../../src/market/gaps.js'
import { barFindings, qualityReport } from '../../src/market/quality.js'
import { priceFindings, seriesQuality } from '../../src/market/series-quality.js'
import { reportInput } from '../../src/report/assemble.js'
import { summarisePart } from '../../src/report/part-summary.js'
import { PREDICTION_METRICS, type PredictionScores } from '../../src/validation/score-predictions.js'
import { selectionStability } from '../../src/validation/stability.js'
import { DEFAULTS, randomDecisions } from '../backtest/settings.js'
import { randomBars, START } from '../labels/make-bars.js'
import { rowsOf } from '../market/make-rows.js'
import { sampleReportInput } from '../support/report-input.js'
import { sampleStress } from '../support/stress.js'

const BASE = randomBars({ rows: 2 * 1440, seed: 2 })
const SPAN = { from: START, to: START + BASE.rows * MINUTE }

function part(start: number, end: number): PartTables {
  const base = sliceBars(BASE, start, end)
  const inputs = {
    base,
    decisions: randomDecisions(base, 3, 0.02, 60),
    funding: null,
    markPrice: null,
    settings: DEFAULTS,
  }
  const result = runBacktest(inputs)
  const hold = buyAndHold(inputs)
  const none = { value: null, count: 0, low: null, high: null, reason: 'nothing was predicted' }
  const metrics = Object.fromEntries(PREDICTION_METRICS.map((name) => [name, none])) as PredictionScores['metrics']
  const scores = { metrics, values: null, confusion: null, reliability: null }
  const intervals = { seed: 1, replicates: 20, level: 0.95 }
  const { rows, ...trades } = result.trades
  return {
    stress: sampleStress(),
    summary: summarisePart({ inputs, result, hold, random: null, scores, minTrades: 30, intervals }),
    trades: { rows, numbers: trades },
    equity: {
      rows: base.rows,
      numbers: {
        open_time: base.openTime,
        close: base.close,
        equity: result.equity,
        buy_and_hold: 'unavailable' in hold ? new Float64Array(base.rows) : hold.equity,
      },
    },
  }
}

const candidate = (model: string, score: number): StoredCandidate => ({
  id: `id of ${model}`,
  model,
  unit: `BTCUSDT ${model}`,
  gates: [],
  score,
  metrics: {
    precision: { value: 0.5, count: 40 },
    sharpe: { value: null, count: 0, reason: 'no trades' },
  },
})

const storedPart = (rows: number) => ({ from: START, to: START + MINUTE, rows, purged: 1, unlabelled: 0 })

function fold(number: number, precision: number | null, signals = 9): BundleMetrics['folds'][number] {
  return {
    fold: number,
    scores: {
      ...{ rows: 70, logLoss: 1, aucLong: 0.6, aucShort: null, signals: precision === null ? 0 : signals, precision },
      regression: null,
    },
    threshold: {
      threshold: 0.25 + number / 8,
      breakEven: 0.37,
      margin: 0.03,
      signals: 8,
      independentSignals: 3,
      precision: 0.5,
      precisionLow: 0.4,
      reason: '',
    },
    bestRound: number,
    parts: { train: storedPart(100), validation: storedPart(50), score: storedPart(70) },
  }
}

function bundle(...folds: BundleMetrics['folds'][number][]): BundleMetrics {
  const { scores, parts } = fold(9, 0.5)
  const choice = selectionStability(['a'], [['a'], ['a']])
  const selection = { features: 1, chosen: 1, steps: [], stability: choice, importance: { top: 20, ...choice } }
  return { test: scores, folds, final: { bestRound: 1, parts }, selection }
}

function sources(): ReportSources {
  const rows = cleanKlines(rowsOf([]), { timeframe: '1m', span: SPAN }).findings
  const quality = qualityReport([{ rows, bars: [barFindings(BASE, '1m')], published: [] }], {
    pair: 'BTCUSDT',
    span: SPAN,
    evidence: NO_EVIDENCE,
    funding: null,
  })
  return {
    pair: 'BTCUSDT',
    simulated: { seed: 42, edge: 0.5 },
    settings: {
      from: new Date(SPAN.from).toISOString(),
      to: new Date(SPAN.to).toISOString(),
      registered: { state: 'approved', version: '1.2.0' },
      absentFeatures: [],
      lineage: [],
      configuration: {
        seed: 42,
        'data.venue': 'binance-um',
        'bars.base': '1m',
        'bars.decision': '5m',
        'bars.context': ['1h', '4h'],
        'train.split': 'walk-forward',
        'labels.horizon': '4h',
        'labels.profit': 0.02,
        'labels.stop': 0.01,
        'gates.minTrades': 30,
        ...Object.fromEntries(
          Object.entries(resolveConfig([]).config).filter(([name]) => name.startsWith('backtest.')),
        ),
      },
    },
    test: part(1440, 2 * 1440),
    outOfFold: part(0, 1440 + 60), // its last trades run on into the test part
    paths: [],
    champion: null,
    selection: {
      best: 'id of xgboost',
      passed: true,
      reason: 'xgboost passed',
      trials: {
        digest: 'd',
        ...{ fits: 12, trials: 0, backtests: 2, configurations: 2, tried: 2 },
        otherSharpes: [],
      },
      candidates: [candidate('xgboost', 0.6), candidate('logistic', 0.4)],
      leftOut: [{ model: 'forest', why: 'fold 3 failed: out of memory' }],
    },
    bundles: new Map([
      ['BTCUSDT xgboost', bundle(fold(1, 0.4), fold(2, null), fold(3, 0.6, 27))],
      ['BTCUSDT logistic', bundle(fold(1, null))],
    ]),
    threshold: { ...fold(9, 0.5).threshold, precision: null, precisionLow: null, reason: 'break-even' },
    importance: [
      { feature: 'rsi_14', gain: 1, permutation: 0.01 },
      { feature: 'unused', gain: 0, permutation: 0 },
      { feature: 'hour_sin', gain: 3, permutation: 0.02 },
      { feature: 'another', gain: 1, permutation: Number.NaN },
    ],
    features: {
      hash: 'abc',
      features: [
        { name: 'rsi_14', family: 'momentum' },
        { name: 'hour_sin', family: 'time' },
        { name: 'another', family: 'momentum' },
        { name: 'unused', family: 'funding' },
      ],
    },
    study: sampleReportInput({ days: 20 }).featureStudy,
    trials: [],
    certificate: {
      format: 1,
      featureSet: 'abc',
      verdict: 'passed',
      seed: 42,
      rows: 576,
      from: new Date(SPAN.from).toISOString(),
      to: new Date(SPAN.to).toISOString(),
      rules: RULES,
      cuts: [{ time: '2024-01-01T12:00:00.000Z', row: 143, place: 'chance' }],
      complaints: [],
      late: ['funding_change'],
      bars: [],
      series: [],
      features: [
        {
          name: 'rsi_14',
          timeframe: '5m',
          memory: 'recursive',
          declared: 14,
          measured: 14,
          compared: 4096,
          broken: [],
        },
        {
          name: 'funding_change',
          timeframe: '5m',
          memory: 'window',
          declared: 0,
          measured: 96,
          compared: 4096,
          broken: [],
        },
        {
          name: 'sma_200_1d',
          timeframe: '1d',
          memory: 'window',
          declared: 199,
          measured: null,
          compared: 4096,
          broken: [],
        },
      ],
    },
    balance: {
      ...{ type: 'ternary', meaning: '1: a long would win.', task: 'classification', classes: [-1, 0, 1] },
      ...{ values: null, independent: 2, months: [] },
      total: { classes: [1, 2, 3], labelled: 6, neither: 0, unknown: 0, outcomes: [1, 2, 3] },
    },
    relations: { rows: 0, sampled: 0, from: null, to: null, independent: 0, band: null, features: [] },
    quality: { ...quality, unverified: [] },
  }
}

const SOURCES = sources()
const withSettings = (settings: ReportSources['settings']) =>
  reportInput({ ...SOURCES, settings: { ...SOURCES.settings, ...settings } })

describe('the input of a report', () => {
  const input = reportInput(SOURCES)

  it('carries the mark of a simulated market', () => {
    expect(input.simulated).toEqual({ seed: 42, edge: 0.5 })
    expect(reportInput({ ...SOURCES, simulated: null }).simulated).toBeNull()
  })

  it('lists settings as text, tables as JSON', () => {
    const configuration = {
      ...(SOURCES.settings.configuration as object),
      ...{ models: { xgboost: { rounds: 30, eta: 0.1 } }, 'train.selection': ['variance', 'importance:50'] },
    }
    const { config } = withSettings({ configuration })
    expect(config).toContainEqual({ key: 'models', value: '{"xgboost":{"eta":0.1,"rounds":30}}' })
    expect(config).toContainEqual({ key: 'train.selection', value: 'variance, importance:50' })
  })

  it('says when labels were moved to other rows', () => {
    const configuration = SOURCES.settings.configuration as { readonly [name: string]: Json }
    const shuffled = (seed: number | null) => ({ configuration: { ...configuration, 'labels.shuffle': seed } })
    expect(withSettings(shuffled(7)).labels.shuffled).toBe(true)
    expect(withSettings(shuffled(null)).labels.shuffled).toBe(false)
  })

  it('names a candidate that could not be judged, with the reason and without a number', () => {
    expect(input.candidates.at(-1)).toEqual({
      ...{ name: 'forest', approved: false, shown: false, score: null, test: [], outOfFold: [] },
      ...{ gates: [], leftOut: true },
      note: 'fold 3 failed: out of memory',
    })
  })

  it('is approved only where the registry says so', () => {
    expect(input.approval).toEqual({ state: 'approved', model: 'xgboost', version: '1.2.0' })
    expect(input.candidates.map(({ name, approved, shown }) => [name, approved, shown])).toEqual([
      ['xgboost', true, true],
      ['logistic', false, false],
      ['forest', false, false],
    ])
    for (const registered of [
      null,
      { state: 'candidate', version: '1.2.0' },
      { state: 'rejected', version: '1.2.0' },
    ]) {
      const other = withSettings({ registered })
      expect(other.approval.state).toBe('not approved')
      expect(other.candidates.every(({ approved }) => !approved)).toBe(true)
    }
  })

  it('shows the certificate of its own columns only', () => {
    expect(input.certificate).toMatchObject({
      verdict: 'passed',
      features: 3,
      cuts: [{ time: Date.UTC(2024, 0, 1, 12), place: 'chance' }],
      warmups: { measured: 2, late: 1 },
    })
    const other = { ...SOURCES.certificate, featureSet: 'def' }
    expect(reportInput({ ...SOURCES, certificate: other }).certificate).toEqual({
      unavailable: 'the certificate is of feature set def',
    })
  })

  it('says why it is not approved', () => {
    expect(withSettings({ registered: { state: 'rejected', version: '1.0.0' } }).approval).toMatchObject({
      reason: 'it passed the gates and was rejected by a person',
    })
    expect(withSettings({ registered: { state: 'candidate', version: '1.0.0' } }).approval).toMatchObject({
      version: '1.0.0',
      reason: 'it passed the gates, but the model in production stays',
    })
    const gate = { limit: 0.6, bound: 'at least' as const, required: true, passed: false, reason: '' }
    const gates = [
      { ...gate, gate: 'precision' as const, value: 0.609, count: 22, reason: 'rests on 22, needs 30' },
      { ...gate, gate: 'sharpe' as const, value: 13.7, count: 26, reason: 'rests on 26, needs 30' },
      ...[{ ...gate, gate: 'calibrationError' as const, value: 0.07567, limit: 0.05, bound: 'at most' as const }].map(
        (row) => ({ ...row, count: 5219, reason: '0.07567, at most 0.05' }),
      ),
      { ...gate, gate: 'pbo' as const, value: 0.2, count: 66, passed: true, reason: '0.2, at most 0.5' },
    ]
    const [best, ...others] = SOURCES.selection.candidates
    const candidates = [{ ...best, gates }, ...others]
    const failed = { ...SOURCES.selection, passed: false, reason: 'names of settings', candidates }
    const settings = { ...SOURCES.settings, registered: { state: 'candidate', version: '1.0.0' } }
    expect(reportInput({ ...SOURCES, selection: failed, settings }).approval).toMatchObject({
      reason:
        'too few trades or signals to judge precision and Sharpe ratio (22 and 26; 30 are needed); calibration error 0.0757, at most 0.0500',
    })
  })

  it('keeps a metric that is not known apart from 0, with its reason', () => {
    expect(input.candidates[0].test).toEqual([
      { key: 'precision', unit: 'fraction', value: 0.5 },
      { key: 'sharpe', unit: 'ratio', value: null, reason: 'no trades' },
    ])
    expect(input.threshold).toMatchObject({ precision: Number.NaN, precisionLow: Number.NaN, reason: 'break-even' })
  })

  it('takes the mean over the folds that have a value, of the precision over their signals', () => {
    const rows = new Map(input.candidates[0].outOfFold.map((row) => [row.key, row]))
    // (0.4 · 9 + 0.6 · 27) ÷ 36, which is what the out-of-fold part says; the mean of the folds would be 0.5.
    expect(rows.get('precision')).toMatchObject({ value: expect.closeTo(0.55, 12), note: 'of 36 signals' })
    expect(rows.get('auc_long')).toMatchObject({ value: expect.closeTo(0.6, 12), note: 'mean of 3 folds' })
    expect(rows.get('auc_short')).toMatchObject({ value: null, reason: 'no fold has a value' })
  })

  it('shows the folds of the model it is about', () => {
    expect(
      input.folds.map(({ fold: number, precision, threshold, signals }) => [number, precision, threshold, signals]),
    ).toEqual([
      [1, 0.4, 0.375, 9],
      [2, null, 0.5, 0],
      [3, 0.6, 0.625, 27],
    ])
    expect(input.folds[1].reason).toBe('no signal reached the threshold')
    expect(input.folds[0]).toMatchObject({ trainRows: 100, validationRows: 50, outOfFoldRows: 70 })
  })

  it('orders importance by gain, then name, as shares of the whole', () => {
    expect(
      input.importance.map(({ feature, share, family, permutation }) => [feature, share, family, permutation]),
    ).toEqual([
      ['hour_sin', 0.6, 'time', 0.02],
      ['another', 0.2, 'momentum', Number.NaN],
      ['rsi_14', 0.2, 'momentum', 0.01],
      ['unused', 0, 'funding', 0],
    ])
    expect(input.features.families).toEqual([
      { family: 'momentum', count: 2 },
      { family: 'funding', count: 1 },
      { family: 'time', count: 1 },
    ])
  })

  it('joins the prices of both parts into one rising line, each bar once', () => {
    expect(input.price.time).toEqual(BASE.openTime)
    expect(input.price.close).toEqual(BASE.close)
  })

  it('keeps the two parts apart', () => {
    expect(input.test.span).toEqual({ from: START + 1440 * MINUTE, to: SPAN.to })
    expect(input.outOfFold.span).toEqual({ from: START, to: START + 1500 * MINUTE })
    expect(input.test.equity).toBe(SOURCES.test.equity.numbers.equity)
    expect(input.test.trades.rows).toBe(SOURCES.test.trades.rows)
    expect(input.test.trades.net_pnl).toBe(SOURCES.test.trades.numbers.net_pnl)
  })

  it('names what the instrument does not have', () => {
    const names = (other = input) => other.quality.absent.map(({ name }) => name)
    expect(names()).toEqual(['funding', 'mark price'])
    const configuration = { ...(SOURCES.settings.configuration as object), 'data.venue': 'binance-spot' }
    const spot = withSettings({ configuration })
    expect(spot.market).toBe('spot')
    expect(names(spot)).toEqual(['funding'])
    expect(spot.quality.absent[0].reason).toBe('A spot market pays no funding.')
    const absentFeatures = [{ name: 'funding_rate', reason: 'funding: not known' }]
    expect(withSettings({ absentFeatures }).features.absent).toEqual(absentFeatures)
    const quality = { ...SOURCES.quality, unverified: ['a.zip', 'b.zip'] }
    expect(reportInput({ ...SOURCES, quality }).quality.absent.at(-1)).toEqual({
      name: 'checksums',
      reason: '2 files have no checksum in the archive, first a.zip',
    })
  })

  it('shows what the clean stage found in every series', () => {
    const listed = { count: 1, first: [{ time: START, column: 'close', archive: 1, rest: 2 }] }
    const rest = {
      ...{ rows: 9, dropped: 0, duplicates: 0, conflicts: 0, used: { count: 4, first: [] }, compared: 5 },
      ...{ disagreements: listed, largestDifference: 0.5 },
    }
    const findings = cleanKlines(rowsOf([]), { timeframe: '1m', span: SPAN }).findings
    const far = { compared: 7, count: 1, largest: [{ time: START, logDistance: 0.1, z: 12 }] }
    const mark = priceFindings('mark_price', { findings: { ...findings, rest }, gaps: [] }, far)
    const series = [seriesQuality([{ ...mark, counts: { 'blank cells': 3 } }], SPAN, NO_EVIDENCE)]
    const { quality } = reportInput({ ...SOURCES, quality: { ...SOURCES.quality, series } })
    expect(quality.series.map(({ name }) => name)).toEqual(['bars 1m', 'mark price'])
    expect(quality.disagreements).toMatchObject([
      {
        series: 'mark price',
        between: 'archive and REST',
        compared: 5,
        differing: 1,
        taken: 4,
        first: [{ kept: 1, other: 2 }],
      },
    ])
    expect(quality.findings.filter((row) => row.series === 'mark price')).toMatchObject([
      { count: 1, largest: { time: START, logReturn: 0.1 } },
      { what: 'blank cells', count: 3 },
    ])
    expect(quality.absent.find(({ name }) => name === 'mark price')?.reason).toContain('Not there for the whole part')
  })

  it('reads the quote asset off the pair', () => {
    const quote = (pair: string) => reportInput({ ...SOURCES, pair }).quoteAsset
    expect(['BTCUSDT', 'ETHBTC', 'SOLUSDC', 'ODDPAIR'].map(quote)).toEqual(['USDT', 'BTC', 'USDC', 'quote'])
  })
})
