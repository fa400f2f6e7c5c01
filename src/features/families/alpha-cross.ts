/**
 * Kakushadze's formulas that look across pairs at one bar, written as in the paper's appendix: `rank` and `scale` are over all pairs of
 * data.pairs with a value there, at least three, as known at that bar's close. With the 17 of alpha.ts these are 81 of 101.
 *
 * Not here: 48, 58, 59, 63, 67, 69, 70, 76, 79, 80, 82, 87, 89, 90, 91, 93, 97 and 100, which are neutral to a sector
 * (src/math/cross-section.ts can, but coins have no agreed one); 56, which needs the market's capital; and 84, whose exponent is money.
 *
 * Departures: volume and adv are in money, for numbers of coins cannot be compared across pairs; vwap is quote volume / volume
 * of the bar; stddev and covariance are the sample's; a correlation with what stood still is 0; a window of a fraction of bars
 * is cut down to whole ones (as the paper says); `min` and `max` over a window are written ts_min and ts_max; values are compared
 * as float32, so that rounding decides no rank.
 */
import { defineFeature, type Feature } from '../feature.js'
import { evaluateFormula, type FormulaColumn, type PairColumns } from '../formula/evaluate.js'
import { columnsOf, lookbackOf, parseFormula, rankedColumnsOf } from '../formula/parse.js'
import type { Inputs } from '../inputs.js'

const RANK = 'a rank, 1 / pairs … 1'
const MINUS_RANK = 'a rank with its sign turned'
const RANKS = 'made of ranks, without unit'
const CORRELATION = '-1 … 1'
const YES = '1 = yes, 0 = no'
const MINUS_YES = '-1 = yes, 0 = no'
const MONEY = 'in quote currency'

const FORMULAS: readonly (readonly [number: number, formula: string, unit: string])[] = [
  [1, 'rank(ts_argmax(signedpower(returns < 0 ? stddev(returns, 20) : close, 2), 5)) - 0.5', 'a rank less a half'],
  [2, '-correlation(rank(delta(log(volume), 2)), rank((close - open) / open), 6)', CORRELATION],
  [3, '-correlation(rank(open), rank(volume), 10)', CORRELATION],
  [4, '-ts_rank(rank(low), 9)', MINUS_RANK],
  [5, 'rank(open - sum(vwap, 10) / 10) * -abs(rank(close - vwap))', RANKS],
  [8, '-rank(sum(open, 5) * sum(returns, 5) - delay(sum(open, 5) * sum(returns, 5), 10))', MINUS_RANK],
  [
    10,
    'rank(0 < ts_min(delta(close, 1), 4) ? delta(close, 1) : ts_max(delta(close, 1), 4) < 0 ? delta(close, 1) : -delta(close, 1))',
    RANK,
  ],
  [11, '(rank(ts_max(vwap - close, 3)) + rank(ts_min(vwap - close, 3))) * rank(delta(volume, 3))', RANKS],
  [13, '-rank(covariance(rank(close), rank(volume), 5))', MINUS_RANK],
  [14, '-rank(delta(returns, 3)) * correlation(open, volume, 10)', CORRELATION],
  [15, '-sum(rank(correlation(rank(high), rank(volume), 3)), 3)', RANKS],
  [16, '-rank(covariance(rank(high), rank(volume), 5))', MINUS_RANK],
  [17, '-rank(ts_rank(close, 10)) * rank(delta(delta(close, 1), 1)) * rank(ts_rank(volume / adv20, 5))', RANKS],
  [18, '-rank(stddev(abs(close - open), 5) + (close - open) + correlation(close, open, 10))', MINUS_RANK],
  [19, '-sign(close - delay(close, 7) + delta(close, 7)) * (1 + rank(1 + sum(returns, 250)))', RANKS],
  [20, '-rank(open - delay(high, 1)) * rank(open - delay(close, 1)) * rank(open - delay(low, 1))', RANKS],
  [22, '-(delta(correlation(high, volume, 5), 5) * rank(stddev(close, 20)))', '-2 … 2'],
  [25, 'rank(-returns * adv20 * vwap * (high - close))', RANK],
  [27, '0.5 < rank(sum(correlation(rank(volume), rank(vwap), 6), 2) / 2) ? -1 : 1', '-1 or 1'],
  [28, 'scale(correlation(adv20, low, 5) + (high + low) / 2 - close)', 'a share of all sizes, -1 … 1'],
  [
    29,
    'ts_min(product(rank(rank(scale(log(sum(ts_min(rank(rank(-rank(delta(close - 1, 5)))), 2), 1))))), 1), 5) + ts_rank(delay(-returns, 6), 5)',
    RANKS,
  ],
  [
    30,
    '(1 - rank(sign(close - delay(close, 1)) + sign(delay(close, 1) - delay(close, 2)) + sign(delay(close, 2) - delay(close, 3)))) * sum(volume, 5) / sum(volume, 20)',
    RANKS,
  ],
  [
    31,
    'rank(rank(rank(decay_linear(-rank(rank(delta(close, 10))), 10)))) + rank(-delta(close, 3)) + sign(scale(correlation(adv20, low, 12)))',
    RANKS,
  ],
  [
    32,
    'scale(sum(close, 7) / 7 - close) + 20 * scale(correlation(vwap, delay(close, 5), 230))',
    'shares of all sizes, -21 … 21',
  ],
  [33, 'rank(-(1 - open / close))', RANK],
  [34, 'rank(1 - rank(stddev(returns, 2) / stddev(returns, 5)) + (1 - rank(delta(close, 1))))', RANK],
  [
    36,
    '2.21 * rank(correlation(close - open, delay(volume, 1), 15)) + 0.7 * rank(open - close) + 0.73 * rank(ts_rank(delay(-returns, 6), 5)) + rank(abs(correlation(vwap, adv20, 6))) + 0.6 * rank((sum(close, 200) / 200 - open) * (close - open))',
    RANKS,
  ],
  [37, 'rank(correlation(delay(open - close, 1), close, 200)) + rank(open - close)', RANKS],
  [38, '-rank(ts_rank(close, 10)) * rank(close / open)', RANKS],
  [39, '-rank(delta(close, 7) * (1 - rank(decay_linear(volume / adv20, 9)))) * (1 + rank(sum(returns, 250)))', RANKS],
  [40, '-rank(stddev(high, 10)) * correlation(high, volume, 10)', CORRELATION],
  [42, 'rank(vwap - close) / rank(vwap + close)', RANKS],
  [44, '-correlation(high, rank(volume), 5)', CORRELATION],
  [
    45,
    '-(rank(sum(delay(close, 5), 20) / 20) * correlation(close, volume, 2) * rank(correlation(sum(close, 5), sum(close, 20), 2)))',
    CORRELATION,
  ],
  [
    47,
    'rank(1 / close) * volume / adv20 * (high * rank(high - close) / (sum(high, 5) / 5)) - rank(vwap - delay(vwap, 5))',
    RANKS,
  ],
  [50, '-ts_max(rank(correlation(rank(volume), rank(vwap), 5)), 5)', MINUS_RANK],
  [
    52,
    '(-ts_min(low, 5) + delay(ts_min(low, 5), 5)) * rank((sum(returns, 240) - sum(returns, 20)) / 220) * ts_rank(volume, 5)',
    MONEY,
  ],
  [
    55,
    '-correlation(rank((close - ts_min(low, 12)) / (ts_max(high, 12) - ts_min(low, 12))), rank(volume), 6)',
    CORRELATION,
  ],
  [57, '-((close - vwap) / decay_linear(rank(ts_argmax(close, 30)), 2))', MONEY],
  [
    60,
    '-(2 * scale(rank((close - low - (high - close)) / (high - low) * volume)) - scale(rank(ts_argmax(close, 10))))',
    'shares of all ranks',
  ],
  [61, 'rank(vwap - ts_min(vwap, 16.1219)) < rank(correlation(vwap, adv180, 17.9282))', YES],
  [
    62,
    '-(rank(correlation(vwap, sum(adv20, 22.4101), 9.91009)) < rank(rank(open) + rank(open) < rank((high + low) / 2) + rank(high)))',
    MINUS_YES,
  ],
  [
    64,
    '-(rank(correlation(sum(open * 0.178404 + low * (1 - 0.178404), 12.7054), sum(adv120, 12.7054), 16.6208)) < rank(delta((high + low) / 2 * 0.178404 + vwap * (1 - 0.178404), 3.69741)))',
    MINUS_YES,
  ],
  [
    65,
    '-(rank(correlation(open * 0.00817205 + vwap * (1 - 0.00817205), sum(adv60, 8.6911), 6.40374)) < rank(open - ts_min(open, 13.635)))',
    MINUS_YES,
  ],
  [
    66,
    '-(rank(decay_linear(delta(vwap, 3.51013), 7.23052)) + ts_rank(decay_linear((low * 0.96633 + low * (1 - 0.96633) - vwap) / (open - (high + low) / 2), 11.4157), 6.72611))',
    RANKS,
  ],
  [
    68,
    '-(ts_rank(correlation(rank(high), rank(adv15), 8.91644), 13.9333) < rank(delta(close * 0.518371 + low * (1 - 0.518371), 1.06157)))',
    MINUS_YES,
  ],
  [
    71,
    'max(ts_rank(decay_linear(correlation(ts_rank(close, 3.43976), ts_rank(adv180, 12.0647), 18.0175), 4.20501), 15.6948), ts_rank(decay_linear(rank(low + open - (vwap + vwap)) ^ 2, 16.4662), 4.4388))',
    RANKS,
  ],
  [
    72,
    'rank(decay_linear(correlation((high + low) / 2, adv40, 8.93345), 10.1519)) / rank(decay_linear(correlation(ts_rank(vwap, 3.72469), ts_rank(volume, 18.5188), 6.86671), 2.95011))',
    RANKS,
  ],
  [
    73,
    '-max(rank(decay_linear(delta(vwap, 4.72775), 2.91864)), ts_rank(decay_linear(-(delta(open * 0.147155 + low * (1 - 0.147155), 2.03608) / (open * 0.147155 + low * (1 - 0.147155))), 3.33829), 16.7411))',
    RANKS,
  ],
  [
    74,
    '-(rank(correlation(close, sum(adv30, 37.4843), 15.1365)) < rank(correlation(rank(high * 0.0261661 + vwap * (1 - 0.0261661)), rank(volume), 11.4791)))',
    MINUS_YES,
  ],
  [75, 'rank(correlation(vwap, volume, 4.24304)) < rank(correlation(rank(low), rank(adv50), 12.4413))', YES],
  [
    77,
    'min(rank(decay_linear((high + low) / 2 + high - (vwap + high), 20.0451)), rank(decay_linear(correlation((high + low) / 2, adv40, 3.1614), 5.64125)))',
    RANK,
  ],
  [
    78,
    'rank(correlation(sum(low * 0.352233 + vwap * (1 - 0.352233), 19.7428), sum(adv40, 19.7428), 6.83313)) ^ rank(correlation(rank(vwap), rank(volume), 5.77492))',
    RANKS,
  ],
  [
    81,
    '-(rank(log(product(rank(rank(correlation(vwap, sum(adv10, 49.6054), 8.47743)) ^ 4), 14.9655))) < rank(correlation(rank(vwap), rank(volume), 5.07914)))',
    MINUS_YES,
  ],
  [
    83,
    'rank(delay((high - low) / (sum(close, 5) / 5), 2)) * rank(rank(volume)) / ((high - low) / (sum(close, 5) / 5) / (vwap - close))',
    MONEY,
  ],
  [
    85,
    'rank(correlation(high * 0.876703 + close * (1 - 0.876703), adv30, 9.61331)) ^ rank(correlation(ts_rank((high + low) / 2, 3.70596), ts_rank(volume, 10.1595), 7.11408))',
    RANKS,
  ],
  [
    86,
    '-(ts_rank(correlation(close, sum(adv20, 14.7444), 6.00049), 20.4195) < rank(open + close - (vwap + open)))',
    MINUS_YES,
  ],
  [
    88,
    'min(rank(decay_linear(rank(open) + rank(low) - (rank(high) + rank(close)), 8.06882)), ts_rank(decay_linear(correlation(ts_rank(close, 8.44728), ts_rank(adv60, 20.6966), 8.01266), 6.65053), 2.61957))',
    RANKS,
  ],
  [
    92,
    'min(ts_rank(decay_linear((high + low) / 2 + close < low + open, 14.7221), 18.8683), ts_rank(decay_linear(correlation(rank(low), rank(adv30), 7.58555), 6.94024), 6.80584))',
    RANKS,
  ],
  [
    94,
    '-(rank(vwap - ts_min(vwap, 11.5783)) ^ ts_rank(correlation(ts_rank(vwap, 19.6462), ts_rank(adv60, 4.02992), 18.0926), 2.70756))',
    RANKS,
  ],
  [
    95,
    'rank(open - ts_min(open, 12.4105)) < ts_rank(rank(correlation(sum((high + low) / 2, 19.1351), sum(adv40, 19.1351), 12.8742)) ^ 5, 11.7584)',
    YES,
  ],
  [
    96,
    '-max(ts_rank(decay_linear(correlation(rank(vwap), rank(volume), 3.83878), 4.16783), 8.38151), ts_rank(decay_linear(ts_argmax(correlation(ts_rank(close, 7.45404), ts_rank(adv60, 4.13242), 3.65459), 12.6556), 14.0365), 13.4143))',
    RANKS,
  ],
  [
    98,
    'rank(decay_linear(correlation(vwap, sum(adv5, 26.4719), 4.58418), 7.18088)) - rank(decay_linear(ts_rank(ts_argmin(correlation(rank(open), rank(adv15), 20.8187), 8.62571), 6.95668), 8.07206))',
    RANKS,
  ],
  [
    99,
    '-(rank(correlation(sum((high + low) / 2, 19.8975), sum(adv60, 19.8975), 8.8136)) < rank(correlation(low, volume, 6.28259)))',
    MINUS_YES,
  ],
]

/** What a column of the language needs of a pair. */
const NEEDS: Readonly<Record<string, readonly FormulaColumn[]>> = {
  ...{ open: ['open'], high: ['high'], low: ['low'], close: ['close'], returns: ['close'] },
  ...{ volume: ['quoteVolume'], vwap: ['quoteVolume', 'baseVolume'] },
}

const OWN = {
  ...{ open: 'open', high: 'high', low: 'low', close: 'close' },
  ...{ quoteVolume: 'quoteVolume', baseVolume: 'volume' },
} as const satisfies Record<FormulaColumn, keyof Inputs>

const PEERS = {
  ...{ open: 'peerOpen', high: 'peerHigh', low: 'peerLow', close: 'peerClose' },
  ...{ quoteVolume: 'peerQuoteVolume', baseVolume: 'peerVolume' },
} as const satisfies Record<FormulaColumn, keyof Inputs>

export const crossAlphaFeatures: readonly Feature[] = FORMULAS.map(([number, formula, unit]) => {
  const tree = parseFormula(formula)
  const [own, ranked] = [columnsOf(tree), rankedColumnsOf(tree)].map((names) => [
    ...new Set([...names].flatMap((name) => NEEDS[name] ?? NEEDS.volume)),
  ])
  return defineFeature({
    name: `alpha_${String(number).padStart(3, '0')}`,
    family: 'alpha',
    meaning: `${formula}; ${unit}.`,
    inputs: [...own.map((column) => OWN[column]), ...ranked.map((column) => PEERS[column])],
    lookback: lookbackOf(tree),
    // Series are joined to decision rows only.
    timeframes: 'decision',
    reference: `Kakushadze 2016, 101 Formulaic Alphas, Wilmott 84, number ${number}; rank and scale over data.pairs`,
    compute(inputs) {
      const { rows, origin } = inputs
      const others = rows === 0 ? 0 : inputs[PEERS[ranked[0]]].length / rows
      const peers = Array.from(
        { length: others },
        (_, peer): PairColumns =>
          (name) =>
            inputs[PEERS[name]].subarray(peer * rows, (peer + 1) * rows),
      )
      return evaluateFormula(tree, [(name) => inputs[OWN[name]], ...peers], origin)
    },
  })
})
