/** One traded part of a `report.json`: out-of-fold, or the test part. */
import { z } from 'zod'
import { TRADE_COLUMNS } from '../../backtest/types.js'
import { count, fraction, known, metric, month, span, time, unavailable } from './values.js'

const outcome = {
  trades: count,
  totalReturn: known,
  sharpe: known,
  maxDrawdown: known,
  reason: z.string().exactOptional(),
}

const spread = z.strictObject({ p05: z.number(), median: z.number(), p95: z.number(), p99: z.number() })

const stress = z.strictObject({
  surface: z
    .strictObject({
      multiples: z.array(z.number()),
      latencies: z.array(count),
      latencyBars: count,
      cells: z.array(z.strictObject({ multiple: z.number(), latencyBars: count, ...outcome })),
      breakEven: z.union([
        z.strictObject({ multiple: z.number(), roundTripBps: z.number() }),
        z.strictObject({ multiple: z.null(), reason: z.string() }),
      ]),
    })
    .describe('times the assumed costs × latency in base bars'),
  windows: z.array(
    z.union([
      z.strictObject({ name: z.string(), from: time, to: time, return: z.number(), buyAndHold: known }),
      z.strictObject({ name: z.string(), return: z.null(), reason: z.string() }),
    ]),
  ),
  shocks: z.array(z.strictObject({ name: z.string(), meaning: z.string(), ...outcome })),
  regimes: z.array(
    z.strictObject({
      name: z.string(),
      days: count,
      trades: count,
      totalReturn: z.number(),
      meanDailyReturn: known,
      interval: z.tuple([z.number(), z.number()]).nullable(),
      reason: z.string().exactOptional(),
    }),
  ),
  tradeOrder: z.union([
    z.strictObject({ runs: count, trades: count, drawdown: spread, actual: z.number(), worse: fraction }),
    unavailable,
  ]),
  days: z.union([
    z.strictObject({
      runs: count,
      days: count,
      block: z.number(),
      totalReturn: spread,
      drawdown: spread,
      losing: fraction,
    }),
    unavailable,
  ]),
  signal: z.union([
    z.strictObject({ runs: count, p: z.strictObject({ total_return: known, sharpe: known }) }),
    unavailable,
  ]),
})

const comparison = z.union([
  z.strictObject({
    strategy: z.number(),
    mean: z.number(),
    p05: z.number(),
    median: z.number(),
    p95: z.number(),
    percentile: fraction.describe('share of the random runs that are worse'),
  }),
  z.strictObject({ strategy: z.null(), reason: z.string() }),
])

const reliability = z.strictObject({
  error: known.describe('expected calibration error'),
  count,
  bins: z.array(
    z.strictObject({
      confidence: z.number(),
      hitRate: z.number(),
      low: z.number(),
      high: z.number(),
      count,
      independent: count,
    }),
  ),
})

const numbers = z.array(known)

export const part = z.strictObject({
  span,
  initialEquity: z.number(),
  metrics: z.array(metric).describe('of the account'),
  predictions: z.array(metric).describe('of what the model says'),
  confusion: z
    .union([z.array(z.array(count)), unavailable])
    .describe('outcome (−1, 0, 1) × signal (short, none, long)'),
  trades: z
    .strictObject({
      rows: count,
      ...(Object.fromEntries(TRADE_COLUMNS.map((name) => [name, numbers.exactOptional()])) as Record<
        (typeof TRADE_COLUMNS)[number],
        z.ZodOptional<typeof numbers>
      >),
    })
    .describe('columns of docs/reference/datasets.md, Trades; one entry a trade'),
  buyAndHold: z.union([z.strictObject({ metrics: z.array(metric) }), unavailable]),
  random: z.union([
    z.strictObject({
      runs: count,
      tradesPerRun: z.number(),
      metrics: z.record(z.string(), comparison),
    }),
    unavailable,
  ]),
  champion: z
    .union([
      z.strictObject({
        model: z.string(),
        version: z.string(),
        days: count,
        strategy: z.array(metric),
        metrics: z.array(metric),
        difference: metric,
        chance: known,
        time: z.array(time),
        equity: z.array(z.number()),
      }),
      unavailable,
    ])
    .describe('the model in production, or before this one; on the days on which both were out of sample'),
  reliability: z.union([reliability, unavailable]),
  stress,
  feesByKind: z.strictObject({ maker: z.number(), taker: z.number() }).exactOptional(),
  withoutFunding: z.boolean(),
  withoutMarkPrice: z.boolean(),
  costs: z.array(metric),
  rolling: z
    .strictObject({ day: z.array(time), sharpe: numbers, volatility: numbers, beta: numbers, winRate: numbers })
    .describe('of the 30 days that end with each day'),
  months: z.array(z.strictObject({ month, strategy: z.number(), buyAndHold: known, trades: count })),
  curve: z
    .strictObject({
      time: z.array(time),
      equity: z.array(z.number()),
      drawdown: z.array(z.number()).describe('fraction below the highest equity so far, ≥ 0'),
      buyAndHold: numbers.nullable(),
      randomLow: numbers.nullable(),
      randomHigh: numbers.nullable(),
    })
    .describe('points that show every turn of the curve, at the close of their bars; every bar is in equity.csv'),
})
