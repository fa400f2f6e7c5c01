/** Settings of the backtest: costs, orders, exits, sizing, margin. A part of the table in settings.ts. */
import { z } from 'zod'
import { SIZING_NAMES } from '../portfolio/sizing.js'
import { SLIPPAGE_NAMES } from '../portfolio/slippage.js'
import { fraction, setting } from './setting.js'

const missing = z.custom<'exclude' | 'fail' | `assume:${number}`>(
  (value) => typeof value === 'string' && /^(exclude|fail|assume:-?\d+(\.\d+)?(e-?\d+)?)$/.test(value),
  'is not exclude, fail or assume:<rate>',
)

export const BACKTEST_SETTINGS = {
  'backtest.equity': setting(z.number().positive(), 10_000, 'Starting equity', 'quote asset'),
  'backtest.makerBps': setting(z.number(), 2, 'Fee of a resting order', 'basis points'),
  'backtest.takerBps': setting(z.number(), 5, 'Fee of a market order', 'basis points'),
  'backtest.feeTiers': setting(
    z.array(z.strictObject({ volume: z.number().positive(), makerBps: z.number(), takerBps: z.number() })),
    [],
    'Fees from a traded volume of 30 days on, each {volume, makerBps, takerBps}',
  ),
  'backtest.slippage': setting(
    z.enum(SLIPPAGE_NAMES),
    'fixed',
    'What a market order loses: fixed, half the spread, a share of the volatility, or the square root of its share of the volume',
  ),
  'backtest.slippageBps': setting(z.number().min(0), 1, 'Loss of a market order against the price', 'basis points'),
  'backtest.spreadBps': setting(z.number().min(0), 2, 'Between best bid and ask, for slippage: spread', 'basis points'),
  'backtest.volatilityShare': setting(z.number().min(0), 0.1, "Of a base bar's volatility, for slippage: volatility"),
  'backtest.impact': setting(
    z.number().min(0),
    1,
    "Of a base bar's volatility, lost by an order as large as its volume, for slippage: volume-share",
  ),
  'backtest.latencyBars': setting(z.number().int().min(0), 1, 'Base bars between decision and entry', 'bars'),
  'backtest.order': setting(
    z.enum(['market', 'limit']),
    'market',
    'How a position is entered; a limit order rests limitBps better than the last close',
  ),
  'backtest.limitBps': setting(
    z.number().min(0),
    0,
    'How much better a limit order is than the last close',
    'basis points',
  ),
  'backtest.orderBars': setting(z.number().int().min(1), 5, 'When what is not filled of an entry is withdrawn', 'bars'),
  'backtest.volumeShare': setting(
    fraction.nullable(),
    null,
    "Most that one fill takes of a base bar's volume, the rest waits; null = no limit",
  ),
  'backtest.depthShare': setting(
    fraction.nullable(),
    null,
    'Most that one market order takes of what rests within 1 % of the price, where a book was recorded (download.kinds: bookDepth); null = no limit',
  ),
  'backtest.tickSize': setting(z.number().min(0), 0, 'Steps of prices, rounded to the worse; 0 = none', 'quote asset'),
  'backtest.stepSize': setting(z.number().min(0), 0, 'Steps of quantities, rounded down; 0 = none', 'base asset'),
  'backtest.minNotional': setting(z.number().min(0), 0, 'Smallest order', 'quote asset'),
  'backtest.takeProfits': setting(
    z
      .array(z.strictObject({ share: fraction, profit: z.number().positive() }))
      .refine(
        (list) => list.length === 0 || Math.abs(list.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9,
        'has shares that do not add up to 1',
      )
      .refine((list) => list.every(({ profit }, i) => i === 0 || profit > list[i - 1].profit), 'is not nearest first'),
    [],
    "Profit orders, each {share, profit}, such as 0.33 at 0.02, 0.33 at 0.04, 0.34 at 0.06; none = the label's profit",
  ),
  'backtest.trailing': setting(fraction, 0, 'Distance at which the stop follows the best price; 0 = it stays'),
  'backtest.trailingAfter': setting(z.number().min(0), 0, 'Profit from which on it follows', 'fraction'),
  'backtest.reversal': setting(z.boolean(), false, 'A signal for the other side closes the position and turns it'),
  'backtest.sizing': setting(
    z.enum(SIZING_NAMES),
    'fixed-risk',
    'fixed-risk = riskFraction a stop, kelly = from confidence and barriers, volatility = equally restless positions',
  ),
  'backtest.riskFraction': setting(fraction, 0.005, 'Equity lost when a stop is hit', 'fraction'),
  'backtest.kellyFraction': setting(fraction, 0.25, 'Share of the bet that grows fastest, for sizing: kelly'),
  'backtest.targetVolatility': setting(
    z.number().positive(),
    0.2,
    "The account's, a year of 365 days, for sizing: volatility",
    'fraction',
  ),
  'backtest.leverage': setting(z.number().positive().max(20), 1, 'Largest position over equity'),
  'backtest.margin': setting(
    z.enum(['isolated', 'cross']),
    'isolated',
    'What stands behind a position: its own margin, or the account',
  ),
  'backtest.marginTiers': setting(
    z
      .array(
        z.strictObject({ upTo: z.number().positive(), maintenance: fraction, leverage: z.number().min(1).max(125) }),
      )
      .min(1)
      .refine((list) => list.every(({ upTo }, i) => i === 0 || upTo > list[i - 1].upTo), 'does not rise in upTo'),
    [{ upTo: 1_000_000, maintenance: 0.025, leverage: 20 }],
    'Maintenance margin by notional, each {upTo, maintenance, leverage}; the last is without end',
  ),
  'backtest.liquidationFeeBps': setting(z.number().min(0), 125, 'Fee when a position is taken away', 'basis points'),
  'backtest.maxPositions': setting(
    z.number().int().min(1).nullable(),
    null,
    'Positions at a time on one account; null = no limit',
  ),
  'backtest.maxDrawdown': setting(fraction, 1, 'Loss from the highest equity beyond which nothing more is opened'),
  'backtest.missingFunding': setting(missing, 'exclude', 'No funding at all: exclude, fail or assume:<rate>'),
  'backtest.missingMarkPrice': setting(
    missing,
    'exclude',
    'No mark price: exclude = the last price stands in, fail, or assume:<fraction> beyond the range of each bar',
  ),
} as const
