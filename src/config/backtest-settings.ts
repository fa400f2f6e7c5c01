/** Settings of the backtest: costs, orders, exits, sizing, margin. A part of the table in settings.ts. */
import { z } from 'zod'
import { SIZING_NAMES } from '../portfolio/sizing.js'
import { SLIPPAGE_NAMES } from '../portfolio/slippage.js'
import { fraction, setting } from './setting.js'

/** `assume:` a number between these. */
const missing = (what: string, least: number, most: number) =>
  z
    .custom<'exclude' | 'fail' | `assume:${number}`>(
      (value) => typeof value === 'string' && /^(exclude|fail|assume:-?\d+(\.\d+)?(e-?\d+)?)$/.test(value),
      `is not exclude, fail or assume:<${what}>`,
    )
    .refine((value) => {
      const assumed = value.startsWith('assume:') ? Number(value.slice('assume:'.length)) : least
      return assumed >= least && assumed <= most
    }, `assumes a ${what} that is not between ${least} and ${most}`)

/** Exchanges pay makers up to a few basis points, and ask for some hundred at most. */
const makerFee = z.number().min(-10).max(500)
const takerFee = z.number().min(0).max(500)
const lost = z.number().min(0).max(1000)
const PAYING = 'pays for trading: makerBps and takerBps together are below 0'
/** Of something that must not be nothing. */
const part = z.number().positive().max(1)
const leverage = z.number().positive().max(20)

const marginTiers = z
  .array(
    z.strictObject({
      upTo: z.number().positive().max(1e15),
      maintenance: fraction,
      leverage: z.number().min(1).max(125),
    }),
  )
  .min(1)
  .refine((list) => list.every(({ upTo }, i) => i === 0 || upTo > list[i - 1].upTo), 'does not rise in upTo')
  .refine(
    (list) => list.every(({ maintenance }, i) => i === 0 || maintenance >= list[i - 1].maintenance),
    'falls in maintenance, and a larger position never needs a smaller share',
  )
  .refine(
    (list) => list.every((tier, i) => i === 0 || tier.leverage <= list[i - 1].leverage),
    'rises in leverage, and a larger position is never lent a larger share',
  )
  .refine(
    (list) => list.every((tier) => tier.maintenance * tier.leverage <= 1),
    'has a tier whose maintenance is above 1 ÷ leverage, so that it is liquidated when it is opened',
  )

const exchangeTerms = {
  tickSize: z.number().min(0).max(1e6),
  stepSize: z.number().min(0).max(1e9),
  minNotional: z.number().min(0).max(1e9),
}
const pairTerms = z.strictObject({ ...exchangeTerms, leverage, marginTiers }).partial()

export const BACKTEST_SETTINGS = {
  'backtest.equity': setting(z.number().positive().max(1e12), 10_000, 'Starting equity', 'quote asset'),
  'backtest.makerBps': setting(makerFee, 2, 'Fee of a resting order; below 0 it is paid to you', 'basis points'),
  'backtest.takerBps': setting(takerFee, 5, 'Fee of a market order', 'basis points'),
  'backtest.feeTiers': setting(
    z
      .array(z.strictObject({ volume: z.number().positive().max(1e15), makerBps: makerFee, takerBps: takerFee }))
      .refine((list) => new Set(list.map(({ volume }) => volume)).size === list.length, 'has a volume twice')
      .refine((list) => list.every(({ makerBps, takerBps }) => makerBps + takerBps >= 0), PAYING),
    [],
    'Fees from a traded volume of 30 days on, each {volume, makerBps, takerBps}',
  ),
  'backtest.slippage': setting(
    z.enum(SLIPPAGE_NAMES),
    'fixed',
    'What a market order loses: fixed, half the spread, a share of the volatility, or the square root of its share of the volume',
  ),
  'backtest.slippageBps': setting(lost, 1, 'Loss of a market order against the price', 'basis points'),
  'backtest.spreadBps': setting(lost, 2, 'Between best bid and ask, for slippage: spread', 'basis points'),
  'backtest.volatilityShare': setting(
    z.number().min(0).max(10),
    0.1,
    "Of a base bar's volatility, for slippage: volatility",
  ),
  'backtest.impact': setting(
    z.number().min(0).max(100),
    1,
    "Of a base bar's volatility, lost by an order as large as its volume, for slippage: volume-share",
  ),
  'backtest.maxSlippageBps': setting(
    z.number().min(1).max(5000),
    1000,
    'Most that a market order loses, whatever backtest.slippage says; fills cut there are counted',
    'basis points',
  ),
  'backtest.latencyBars': setting(z.number().int().min(0).max(1440), 1, 'Base bars between decision and entry', 'bars'),
  'backtest.order': setting(
    z.enum(['market', 'limit']),
    'market',
    'How a position is entered; a limit order rests limitBps better than the last close',
  ),
  'backtest.limitBps': setting(
    z.number().min(0).max(5000),
    0,
    'How much better a limit order is than the last close',
    'basis points',
  ),
  'backtest.orderBars': setting(
    z.number().int().min(1).max(100_000),
    5,
    'When what is not filled of an entry is withdrawn',
    'bars',
  ),
  'backtest.volumeShare': setting(
    part.nullable(),
    null,
    "Most that one fill takes of a base bar's volume, the rest waits; null = no limit",
  ),
  'backtest.depthShare': setting(
    part.nullable(),
    null,
    'Most that one market order takes of what rests within 1 % of the price, where a book was recorded (download.kinds: bookDepth); null = no limit',
  ),
  'backtest.tickSize': setting(
    exchangeTerms.tickSize,
    0,
    'Steps of prices, rounded to the worse; 0 = none',
    'quote asset',
  ),
  'backtest.stepSize': setting(exchangeTerms.stepSize, 0, 'Steps of quantities, rounded down; 0 = none', 'base asset'),
  'backtest.minNotional': setting(exchangeTerms.minNotional, 0, 'Smallest order', 'quote asset'),
  'backtest.pairs': setting(
    z.record(z.string().min(1), pairTerms),
    {},
    'What pairs have of their own of tickSize, stepSize, minNotional, leverage and marginTiers, such as {FILUSDT: {tickSize: 0.001, stepSize: 0.1}}',
  ),
  'backtest.takeProfits': setting(
    z
      .array(z.strictObject({ share: part, profit: z.number().positive().max(10) }))
      .refine(
        (list) => list.length === 0 || Math.abs(list.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9,
        'has shares that do not add up to 1',
      )
      .refine((list) => list.every(({ profit }, i) => i === 0 || profit > list[i - 1].profit), 'is not nearest first'),
    [],
    "Profit orders, each {share, profit}, such as 0.33 at 0.02, 0.33 at 0.04, 0.34 at 0.06; none = the label's profit",
  ),
  'backtest.trailing': setting(
    z.number().min(0).max(0.99),
    0,
    'Distance at which the stop follows the best price; 0 = it stays',
  ),
  'backtest.trailingAfter': setting(z.number().min(0).max(10), 0, 'Profit from which on it follows', 'fraction'),
  'backtest.reversal': setting(z.boolean(), false, 'A signal for the other side closes the position and turns it'),
  'backtest.sizing': setting(
    z.enum(SIZING_NAMES),
    'fixed-risk',
    'fixed-risk = riskFraction a stop, kelly = from confidence and barriers, volatility = equally restless positions',
  ),
  'backtest.riskFraction': setting(part, 0.005, 'Equity lost when a stop is hit', 'fraction'),
  'backtest.kellyFraction': setting(part, 0.25, 'Share of the bet that grows fastest, for sizing: kelly'),
  'backtest.targetVolatility': setting(
    z.number().positive().max(10),
    0.2,
    "The account's, a year of 365 days, for sizing: volatility",
    'fraction',
  ),
  'backtest.leverage': setting(leverage, 1, 'Largest position over equity'),
  'backtest.margin': setting(
    z.enum(['isolated', 'cross']),
    'isolated',
    'What stands behind a position: its own margin, or the account',
  ),
  'backtest.marginTiers': setting(
    marginTiers,
    [{ upTo: 1_000_000, maintenance: 0.025, leverage: 20 }],
    'Maintenance margin by notional, each {upTo, maintenance, leverage}; the last is without end',
  ),
  'backtest.liquidationFeeBps': setting(lost, 125, 'Fee when a position is taken away', 'basis points'),
  'backtest.maxPositions': setting(
    z.number().int().min(1).max(10_000).nullable(),
    null,
    'Positions at a time on one account; null = no limit',
  ),
  'backtest.maxDrawdown': setting(part, 1, 'Loss from the highest equity beyond which nothing more is opened'),
  'backtest.missingFunding': setting(
    missing('rate', -0.1, 0.1),
    'exclude',
    'No funding at all: exclude, fail or assume:<rate>',
  ),
  'backtest.missingMarkPrice': setting(
    missing('fraction', 0, 0.5),
    'exclude',
    'No mark price: exclude = the last price stands in, fail, or assume:<fraction> beyond the range of each bar',
  ),
} as const
