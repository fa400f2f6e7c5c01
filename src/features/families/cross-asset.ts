/**
 * One pair beside the pair that stands for the market (features.market). Both are looked at where both were published: a hole
 * in either silences the windows over it. All returns are logarithmic, so a difference of two is one of growth.
 */
import { distance, lag, logReturn, ratio, subtract } from '../../math/elementwise.js'
import { rollingBeta, rollingCorrelation, rollingResidualStd } from '../../math/rolling-correlation.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean } from '../../math/rolling-sum.js'
import { defineFeature, type Feature, type FeatureSpec, type Grid } from '../feature.js'

const INPUTS = ['close', 'marketClose'] as const
type Pair = { readonly close: Float64Array; readonly marketClose: Float64Array } & Grid

type Entry = Pick<FeatureSpec<(typeof INPUTS)[number]>, 'name' | 'meaning' | 'lookback' | 'reference'> & {
  readonly compute: (both: Pair) => Float64Array
}

function crossAsset(entry: Entry): Feature {
  const { compute } = entry
  return defineFeature({
    ...entry,
    family: 'cross-asset',
    inputs: INPUTS,
    // Series are joined to decision rows only.
    timeframes: 'decision',
    compute: (inputs) => compute({ ...inputs, marketClose: whereKnown(inputs.marketClose, inputs.close) }),
  })
}

/** The market's price where the pair has one too: no window may be older on one side than on the other. */
function whereKnown(marketClose: Float64Array, close: Float64Array): Float64Array {
  return marketClose.map((value, i) => (Number.isNaN(close[i]) ? Number.NaN : value))
}

const returnsOf = ({ close, marketClose }: Pair) => ({ own: logReturn(close, 1), market: logReturn(marketClose, 1) })

function correlation(both: Pair, window: number): Float64Array {
  const { own, market } = returnsOf(both)
  return rollingCorrelation(market, own, { window, origin: both.origin })
}

const ONE_FACTOR = 'Sharpe 1963, Management Science 9(2): one-factor model of returns'

/** What is measured against the market over a window of one-bar returns. */
const windowFeatures = (window: number): readonly Feature[] => [
  crossAsset({
    name: `market_correlation_${window}`,
    meaning: `Correlation of one-bar log returns with the market's over ${window} bars, -1 … 1.`,
    lookback: window,
    reference: 'Pearson correlation (pandas rolling.corr)',
    compute: (both) => correlation(both, window),
  }),
  crossAsset({
    name: `market_beta_${window}`,
    meaning: `Slope of one-bar log returns on the market's over ${window} bars, a ratio.`,
    lookback: window,
    reference: ONE_FACTOR,
    compute(both) {
      const { own, market } = returnsOf(both)
      return rollingBeta(market, own, { window, origin: both.origin })
    },
  }),
  crossAsset({
    name: `idiosyncratic_volatility_${window}`,
    meaning: `Standard deviation of what the market's return leaves of the pair's own over ${window} bars, a fraction per bar.`,
    lookback: window,
    reference: `${ONE_FACTOR}; residual standard error with ${window} - 2 degrees of freedom`,
    compute(both) {
      const { own, market } = returnsOf(both)
      return rollingResidualStd(market, own, { window, origin: both.origin })
    },
  }),
  crossAsset({
    name: `market_lead_correlation_${window}`,
    meaning: `Correlation of one-bar log returns with the market's of the bar before over ${window} bars, -1 … 1.`,
    lookback: window + 1,
    reference: 'Lo & MacKinlay 1990, Review of Financial Studies 3(2): cross-autocorrelation',
    compute(both) {
      const { own, market } = returnsOf(both)
      return rollingCorrelation(lag(market, 1), own, { window, origin: both.origin })
    },
  }),
  crossAsset({
    name: `market_ratio_distance_${window}`,
    meaning: `Distance of the price in units of the market's from its mean over ${window} bars, as a fraction of that.`,
    lookback: window - 1,
    reference: 'relative strength as a ratio of prices (Levy 1967, Journal of Finance 22(4))',
    compute({ close, marketClose, origin }) {
      const price = ratio(close, marketClose)
      return distance(price, rollingMean(price, window, origin))
    },
  }),
]

const strengthFeature = (bars: number): Feature =>
  crossAsset({
    name: `relative_strength_${bars}`,
    meaning: `Log return over ${bars} bars less the market's.`,
    lookback: bars,
    reference: 'Levy 1967, Journal of Finance 22(4)',
    compute: ({ close, marketClose }) => subtract(logReturn(close, bars), logReturn(marketClose, bars)),
  })

const SHORT = 60
const LONG = 240

export const crossAssetFeatures: readonly Feature[] = [
  ...[SHORT, LONG].flatMap(windowFeatures),
  crossAsset({
    name: `market_correlation_change_${SHORT}_${LONG}`,
    meaning: `Correlation with the market over ${SHORT} bars less that over ${LONG}, -2 … 2.`,
    lookback: LONG,
    reference: 'change of correlation regime: short window against long',
    compute: (both) => subtract(correlation(both, SHORT), correlation(both, LONG)),
  }),
  crossAsset({
    name: `market_correlation_zscore_${SHORT}_${LONG}`,
    meaning: `Sample deviations of the ${SHORT}-bar correlation with the market from its mean over ${LONG} bars.`,
    lookback: SHORT + LONG - 1,
    reference: 'change of correlation regime: z-score of the short window',
    compute: (both) => rollingZScore(correlation(both, SHORT), LONG, both.origin),
  }),
  ...[20, SHORT, LONG].map(strengthFeature),
]
