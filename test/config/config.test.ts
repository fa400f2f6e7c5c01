import { describe, expect, it } from 'vitest'
import { durationMs, memoryBytes } from '../../src/config/durations.js'
import { assignmentLayer, environmentLayer, type Layer, resolveConfig } from '../../src/config/load.js'
import { SETTING_NAMES, SETTINGS } from '../../src/config/settings.js'
import { UserError } from '../../src/core/errors.js'

const layer = (values: Record<string, unknown>, from = 'file.yaml'): Layer => ({ from, values })
const read = (text: string): unknown => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : text)

/** The lines of the message that name problems. */
function problems(...layers: Layer[]): string[] {
  try {
    resolveConfig(layers)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.exitCode).toBe(2)
    expect(error.hint).toBe('sluice config --all lists every setting with its meaning')
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
  throw new Error('no problem was found')
}

describe('the table of settings', () => {
  it('has a meaning and a default of the right type for each', () => {
    for (const name of SETTING_NAMES) {
      const { type, default: value, meaning } = SETTINGS[name]
      expect(type.safeParse(value).success, name).toBe(true)
      expect(meaning.length, name).toBeGreaterThan(5)
    }
  })

  it('alone resolves to the defaults that the contracts fix', () => {
    const { config, origins } = resolveConfig([])
    expect(origins.size).toBe(0)
    expect(config).toMatchObject({
      seed: 42,
      'labels.type': 'ternary',
      'labels.horizon': '4h',
      'labels.profit': 0.02,
      'labels.stop': 0.01,
      'labels.atrMultiple': 1.5,
      'train.models': ['logistic', 'xgboost'],
      'train.folds': 5,
      'train.embargo': 'horizon',
      'train.threads': 1,
      'gates.precision': 0.6,
      'gates.minTrades': 30,
      'backtest.equity': 10000,
      'backtest.makerBps': 2,
      'backtest.takerBps': 5,
      'backtest.slippageBps': 1,
      'backtest.latencyBars': 1,
      'backtest.leverage': 1,
      'backtest.riskFraction': 0.005,
      'backtest.missingFunding': 'exclude',
      'run.memory': '2GB',
    })
    expect(Object.isFrozen(config)).toBe(true)
  })
})

describe('problems', () => {
  it('are listed all at once, each with its place and the nearest name', () => {
    expect(
      problems(
        layer({ labels: { profitt: 0.02 }, train: { folds: 1 } }),
        layer({ 'bars.base': '2m' }, '--set'),
        layer({ 'labels.type': 'ternery' }, 'environment'),
      ),
    ).toEqual([
      'file.yaml: labels.profitt is not a setting, did you mean labels.profit?',
      'file.yaml: train.folds = 1 is below the limit 2',
      '--set: bars.base = 2m is not one of 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, did you mean 1m?',
      'environment: labels.type = ternery is not one of ternary, binary, direction, regression, volatility, meta, did you mean ternary?',
    ])
  })

  it('name the setting, or the parameter of a model, that other tools call otherwise', () => {
    const typed = { epochs: 3, 'train.n_estimators': 100, max_depth: 4, commission: 0.001, stop_loss: 0.1, symbol: 'X' }
    expect(problems(layer(typed))).toEqual([
      'file.yaml: epochs is not a setting, did you mean models.<model>.rounds?',
      'file.yaml: train.n_estimators is not a setting, did you mean models.<model>.rounds?',
      'file.yaml: max_depth is not a setting, did you mean models.<model>.maxDepth?',
      'file.yaml: commission is not a setting, did you mean backtest.takerBps?',
      'file.yaml: stop_loss is not a setting, did you mean labels.stop?',
      'file.yaml: symbol is not a setting, did you mean data.pairs?',
    ])
  })

  it.each([
    ['data.pairs', ['BTCUSDT', '../../x'], 'names "../../x", which is not the name of a pair such as BTCUSDT'],
    ['data.pairs', '', 'names "", which is not the name of a pair such as BTCUSDT'],
    [
      'data.pairs',
      'btcusdt',
      'names "btcusdt", which is not the name of a pair such as BTCUSDT, did you mean BTCUSDT?',
    ],
    ['features.market', '../x', 'is not the name of a pair such as BTCUSDT'],
    ['features.spy', 'S/P', 'is not the name of a pair such as BTCUSDT'],
  ])('%s = %j would become a path and %s', (name, value, reason) => {
    expect(problems(layer({ [name]: value }))[0]).toBe(
      `file.yaml: ${name} = ${typeof value === 'string' ? value : JSON.stringify(value)} ${reason}`,
    )
  })

  it.each([
    ['train.folds', 2.5, 'is not a whole number'],
    ['train.folds', 21, 'is above the limit 20'],
    ['labels.profit', '2 %', 'is not a number'],
    ['labels.horizon', '4 hours', 'is not a duration such as 30m, 4h or 1d'],
    ['run.memory', 'much', 'is not an amount of memory such as 2GB or 512MB'],
    ['data.from', '2024-02-30', 'is not a date such as 2024-01-31'],
    ['data.from', '31.1.2024', 'is not a date such as 2024-01-31'],
    ['train.embargo', 'none', 'is not a duration such as 30m, 4h or 1d'],
    ['train.embargo', 5, 'is not one of horizon and is not a string'],
    ['decision.threshold', 2, 'is above the limit 1'],
    ['decision.threshold', 'high', 'is not one of auto and is not a number'],
    ['backtest.missingFunding', 'assume:much', 'is not exclude, fail or assume:<rate>'],
    ['backtest.missingFunding', 'assume:2', 'assumes a rate that is not between -0.1 and 0.1'],
    ['backtest.missingMarkPrice', 'assume:-0.1', 'assumes a fraction that is not between 0 and 0.5'],
    ['backtest.takerBps', -100000, 'is below the limit 0'],
    ['backtest.makerBps', -11, 'is below the limit -10'],
    ['backtest.slippageBps', 20000, 'is above the limit 1000'],
    ['backtest.spreadBps', 20000, 'is above the limit 1000'],
    ['backtest.impact', 101, 'is above the limit 100'],
    ['backtest.maxSlippageBps', 9000, 'is above the limit 5000'],
    ['backtest.limitBps', 10000, 'is above the limit 5000'],
    ['backtest.trailing', 1, 'is above the limit 0.99'],
    ['backtest.volumeShare', 0, 'is not above 0'],
    ['backtest.riskFraction', 0, 'is not above 0'],
    ['backtest.liquidationFeeBps', 1e5, 'is above the limit 1000'],
    [
      'backtest.feeTiers',
      [{ volume: 1, makerBps: -3, takerBps: 2 }],
      'pays for trading: makerBps and takerBps together are below 0',
    ],
    [
      'backtest.marginTiers',
      [
        { upTo: 100, maintenance: 0.02, leverage: 20 },
        { upTo: 200, maintenance: 0.01, leverage: 20 },
      ],
      'falls in maintenance, and a larger position never needs a smaller share',
    ],
    [
      'backtest.marginTiers',
      [
        { upTo: 100, maintenance: 0.01, leverage: 10 },
        { upTo: 200, maintenance: 0.01, leverage: 20 },
      ],
      'rises in leverage, and a larger position is never lent a larger share',
    ],
    [
      'backtest.marginTiers',
      [{ upTo: 100, maintenance: 0.2, leverage: 10 }],
      'has a tier whose maintenance is above 1 ÷ leverage, so that it is liquidated when it is opened',
    ],
    ['backtest.pairs', { FILUSDT: { ticksize: 0.001 } }, 'Unrecognized key: "ticksize"'],
    ['backtest.pairs.FILUSDT.leverage', 200, 'is above the limit 20'],
    ['exchange.futuresUrl', 'not a url', 'Invalid URL'],
    ['data.pairs', [], 'is below the limit 1'],
    ['models', 5, 'is not a table'],
    ['models.xgboost.maxDepth', 'deep', 'is not a number'],
  ])('%s = %j %s', (name, value, reason) => {
    const shown = typeof value === 'string' ? value : JSON.stringify(value)
    expect(problems(layer({ [name]: value }))).toEqual([`file.yaml: ${name} = ${shown} ${reason}`])
  })

  it.each([
    [{ 'bars.base': '5m', 'bars.decision': '3m' }, /bars\.decision 3m is not a multiple of bars\.base 5m/],
    [{ 'bars.context': ['5m'] }, /bars\.context 5m is not a higher multiple of bars\.decision 5m/],
    [{ 'data.from': '2024-02-01', 'data.to': '2024-02-01' }, /data\.from 2024-02-01 is not before data\.to 2024-02-01/],
    [{ 'labels.profit': 0.01, 'labels.stop': 0.02 }, /labels\.profit 0\.01 is below labels\.stop 0\.02/],
    [{ 'labels.type': 'meta' }, /labels\.type meta has no primary side: .*labels\.primary: macd_histogram_pct_12_26_9/],
    [{ 'data.pairs': ['A', 'B', 'A'] }, /data\.pairs names a pair twice/],
    [{ 'backtest.makerBps': -4, 'backtest.takerBps': 3 }, /makerBps -4 and backtest\.takerBps 3 pay for trading/],
    [
      { 'backtest.slippage': 'spread', 'backtest.spreadBps': 500, 'backtest.maxSlippageBps': 200 },
      /half of backtest\.spreadBps, 251 in all, is above backtest\.maxSlippageBps 200/,
    ],
    [
      { 'labels.horizon': '30m', 'bars.base': '5m', 'backtest.latencyBars': 6 },
      /labels\.horizon 30m is over before a trade of one bar: .* take 35m/,
    ],
    [
      {
        'backtest.leverage': 20,
        'backtest.marginTiers': [{ upTo: 1e6, maintenance: 0.05, leverage: 10 }],
      },
      /backtest\.leverage 20 is above 10, the most that backtest\.marginTiers lends/,
    ],
    [
      { 'backtest.pairs': { FILUSDT: { minNotional: 20_001, leverage: 2 } } },
      /backtest\.pairs\.FILUSDT\.minNotional 20001 is above 20000/,
    ],
  ])('contradictions are problems: %j', (values, expected) => {
    expect(problems(layer(values))[0]).toMatch(expected)
  })

  it('a term of one pair is laid over what the file says of it', () => {
    const { config } = resolveConfig([
      layer({ backtest: { pairs: { FILUSDT: { tickSize: 0.001 }, NEARUSDT: { stepSize: 1 } } } }),
      assignmentLayer(['backtest.pairs.FILUSDT.stepSize=0.1'], read),
    ])
    expect(config['backtest.pairs']).toEqual({ FILUSDT: { tickSize: 0.001, stepSize: 0.1 }, NEARUSDT: { stepSize: 1 } })
  })

  it('binary labels may have a profit below the stop', () => {
    expect(() =>
      resolveConfig([layer({ 'labels.type': 'binary', 'labels.profit': 0.01, 'labels.stop': 0.02 })]),
    ).not.toThrow()
  })

  it('an assignment without a value is refused at once', () => {
    expect(() => assignmentLayer(['labels.profit'], read)).toThrow('--set labels.profit has no value')
    expect(() => assignmentLayer(['=3'], read)).toThrow('--set =3 has no value')
  })
})

describe('layers', () => {
  it('win in the order file, environment, --set, and say where a value is from', () => {
    const { config, origins } = resolveConfig([
      layer({ labels: { profit: 0.03, stop: 0.015 }, seed: 1 }),
      environmentLayer({ SLUICE_LABELS__PROFIT: '0.04', SLUICE_SEED: '2', PATH: '/bin' }, read),
      assignmentLayer(['seed=3'], read),
    ])
    expect([config['labels.stop'], config['labels.profit'], config.seed]).toEqual([0.015, 0.04, 3])
    expect([...origins]).toEqual([
      ['labels.profit', 'environment'],
      ['labels.stop', 'file.yaml'],
      ['seed', '--set'],
    ])
  })

  it('find settings by variables of either spelling, and leave those of the machine alone', () => {
    const variables = {
      SLUICE_EXCHANGE__ARCHIVEURL: 'a',
      SLUICE_DATA__FROM: '2024-01-01',
      SLUICE_BACKTEST__MAKER_BPS: '3',
      SLUICE_XGBOOST_LIB: '/usr/lib/libxgboost.so',
      SLUICED: 'no',
    }
    expect(environmentLayer(variables, read).values).toEqual({
      'exchange.archiveUrl': 'a',
      'data.from': '2024-01-01',
      'backtest.makerBps': 3,
    })
    expect(problems(environmentLayer({ SLUICE_LABELS__PROFITT: '1' }, read))).toEqual([
      'environment: labels.profitt is not a setting, did you mean labels.profit?',
    ])
  })

  it("take a variable of somebody's own for none of ours, and doubt one that looks like a setting", () => {
    const own = { SLUICE_HOME: '/srv', SLUICE_SIGNING_KEYS: 'k', SLUICE_LOG: 'x', SLUICE_DIR: '.' }
    expect(environmentLayer(own, read)).toMatchObject({ values: {}, doubts: [] })
    const near = { SLUICE_LABELS_HORIZON: '2h', SLUICE_SEDD: '3', SLUICE_PAIRS: 'A', SLUICE_MAKER_BPS: '1' }
    const { values, doubts } = environmentLayer(near, read)
    expect(values).toEqual({})
    expect(doubts).toEqual([
      'SLUICE_LABELS_HORIZON is no setting and has no effect; did you mean SLUICE_LABELS__HORIZON?',
      'SLUICE_SEDD is no setting and has no effect; did you mean SLUICE_SEED?',
      'SLUICE_PAIRS is no setting and has no effect; did you mean SLUICE_DATA__PAIRS?',
      'SLUICE_MAKER_BPS is no setting and has no effect; did you mean SLUICE_BACKTEST__MAKER_BPS?',
    ])
  })

  it('lay parameters of models over each other one by one', () => {
    const { config } = resolveConfig([
      layer({ models: { xgboost: { rounds: 100, eta: 0.1 } } }),
      layer({ 'models.xgboost.eta': 0.2, 'models.logistic.l2': 1 }, '--set'),
    ])
    expect(config.models).toEqual({ xgboost: { rounds: 100, eta: 0.2 }, logistic: { l2: 1 } })
  })

  it('lay directions of single features over each other', () => {
    const below = layer({ train: { monotone: { rsi_14: 1, obv: -1 } } })
    const { config } = resolveConfig([below, layer({ 'train.monotone.obv': 1 }, '--set')])
    expect(config['train.monotone']).toEqual({ rsi_14: 1, obv: 1 })
    expect(problems(layer({ 'train.monotone.obv': 2 }))).toEqual([
      'file.yaml: train.monotone.obv = 2 is not one of 1, -1',
    ])
  })

  it('take lists as YAML or with commas, and dates as YAML reads them', () => {
    const { config } = resolveConfig([
      layer({ 'data.pairs': 'BTCUSDT, ETHUSDT', 'bars.context': '1h,1d', 'data.from': new Date('2024-01-02') }),
    ])
    expect(config['data.pairs']).toEqual(['BTCUSDT', 'ETHUSDT'])
    expect(config['bars.context']).toEqual(['1h', '1d'])
    expect(config['data.from']).toBe('2024-01-02T00:00')
  })

  it('of which a later one is empty change nothing', () => {
    const { config } = resolveConfig([layer({ seed: 7 }), layer({}), layer({ labels: {} })])
    expect(config.seed).toBe(7)
  })
})

describe('amounts', () => {
  it('of time', () => {
    expect(['90s', '30m', '1.5h', '2d', '4', 'h', '4w', '-1h'].map(durationMs)).toEqual([
      90e3,
      1.8e6,
      5.4e6,
      172.8e6,
      null,
      null,
      null,
      null,
    ])
  })

  it('of memory', () => {
    expect(['2GB', '512MB', '1.5 GiB', '4k', '2', 'lots'].map(memoryBytes)).toEqual([
      2 * 1024 ** 3,
      512 * 1024 ** 2,
      1.5 * 1024 ** 3,
      4096,
      null,
      null,
    ])
  })
})
