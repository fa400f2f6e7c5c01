/**
 * Who trades and how hard it moves the price, from the exchange's own twelve kline columns: taker side, number of
 * trades, quote volume. On data without them these features are absent.
 */
import { ratio } from '../../math/elementwise.js'
import { amihudIlliquidity, kyleLambda, rollSpread, signedVolume, vpin } from '../../math/microstructure.js'
import { rollingZScore } from '../../math/rolling-moments.js'
import { rollingMean, rollingSum } from '../../math/rolling-sum.js'
import { defineFeature, type Feature } from '../feature.js'

const KLINES = "from the exchange's taker-buy columns"

const signedShareFeature = (window: number): Feature =>
  defineFeature({
    name: `signed_volume_share_${window}`,
    family: 'order-flow',
    meaning: `Taker buying less taker selling as a share of the volume of ${window} bars, -1 … 1.`,
    inputs: ['takerBuyVolume', 'volume'],
    lookback: window - 1,
    timeframes: 'every',
    reference: KLINES,
    compute: ({ takerBuyVolume, volume, origin }) =>
      ratio(rollingSum(signedVolume(takerBuyVolume, volume), window, origin), rollingSum(volume, window, origin)),
  })

export const orderFlowFeatures: readonly Feature[] = [
  defineFeature({
    name: 'taker_buy_share',
    family: 'order-flow',
    meaning: 'Share of the volume that takers bought, 0 … 1; NaN without trades.',
    inputs: ['takerBuyVolume', 'volume'],
    lookback: 0,
    timeframes: 'every',
    reference: KLINES,
    compute: ({ takerBuyVolume, volume }) => ratio(takerBuyVolume, volume),
  }),
  defineFeature({
    name: 'signed_volume',
    family: 'order-flow',
    meaning: 'Volume that takers bought less volume that takers sold, in base currency.',
    inputs: ['takerBuyVolume', 'volume'],
    lookback: 0,
    timeframes: 'every',
    reference: KLINES,
    compute: ({ takerBuyVolume, volume }) => signedVolume(takerBuyVolume, volume),
  }),
  ...[5, 20, 60, 240].map(signedShareFeature),
  defineFeature({
    name: 'trade_count',
    family: 'order-flow',
    meaning: 'Number of trades in the bar.',
    inputs: ['count'],
    lookback: 0,
    timeframes: 'every',
    reference: "from the exchange's trade count",
    compute: ({ count }) => count.slice(),
  }),
  defineFeature({
    name: 'trade_intensity',
    family: 'order-flow',
    meaning: 'Number of trades over its mean of 60 bars; 1 = usual.',
    inputs: ['count'],
    lookback: 59,
    timeframes: 'every',
    reference: "from the exchange's trade count",
    compute: ({ count, origin }) => ratio(count, rollingMean(count, 60, origin)),
  }),
  defineFeature({
    name: 'average_trade_size',
    family: 'order-flow',
    meaning: 'Volume per trade, in base currency; NaN without trades.',
    inputs: ['volume', 'count'],
    lookback: 0,
    timeframes: 'every',
    reference: "from the exchange's trade count",
    compute: ({ volume, count }) => ratio(volume, count),
  }),
  defineFeature({
    name: 'average_trade_size_ratio',
    family: 'order-flow',
    meaning: 'Volume per trade over that of the last 60 bars together; 1 = usual.',
    inputs: ['volume', 'count'],
    lookback: 59,
    timeframes: 'every',
    reference: "from the exchange's trade count",
    compute({ volume, count, origin }) {
      const usual = ratio(rollingSum(volume, 60, origin), rollingSum(count, 60, origin))
      return ratio(ratio(volume, count), usual)
    },
  }),
  defineFeature({
    name: 'kyle_lambda_60',
    family: 'order-flow',
    meaning: 'Log return per unit of quote currency that takers bought net, over 60 bars.',
    inputs: ['close', 'takerBuyQuoteVolume', 'quoteVolume'],
    lookback: 60,
    timeframes: 'every',
    reference: 'Kyle 1985, Econometrica 53(6)',
    compute: ({ close, takerBuyQuoteVolume, quoteVolume, origin }) =>
      kyleLambda(close, signedVolume(takerBuyQuoteVolume, quoteVolume), { window: 60, origin }),
  }),
  defineFeature({
    name: 'amihud_60',
    family: 'order-flow',
    meaning: 'Mean absolute log return per unit of quote volume, over the bars of the last 60 that traded.',
    inputs: ['close', 'quoteVolume'],
    lookback: 60,
    timeframes: 'every',
    reference: 'Amihud 2002, J. Fin. Markets 5(1)',
    compute: ({ close, quoteVolume, origin }) => amihudIlliquidity(close, quoteVolume, { window: 60, origin }),
  }),
  defineFeature({
    name: 'roll_spread_60',
    family: 'order-flow',
    meaning:
      'Effective spread as a fraction of the price, from the autocovariance of 60 log returns; 0 if that is positive.',
    inputs: ['close'],
    lookback: 61,
    timeframes: 'every',
    reference: 'Roll 1984, J. Finance 39(4)',
    compute: ({ close, origin }) => rollSpread(close, { window: 60, origin }),
  }),
  defineFeature({
    name: 'vpin_50',
    family: 'order-flow',
    meaning: 'Absolute imbalance of taker volume over the volume of 50 bars, 0 … 1.',
    inputs: ['takerBuyVolume', 'volume'],
    lookback: 49,
    timeframes: 'every',
    reference: "Easley, López de Prado & O'Hara 2012, RFS 25(5), with bars as buckets and the exchange's own sides",
    compute: ({ takerBuyVolume, volume, origin }) =>
      vpin(signedVolume(takerBuyVolume, volume), volume, { window: 50, origin }),
  }),
  defineFeature({
    name: 'taker_buy_zscore_60',
    family: 'order-flow',
    meaning:
      'Sample deviations that the share of taker buying lies above its mean of 60 bars; NaN over a bar without trades.',
    inputs: ['takerBuyVolume', 'volume'],
    lookback: 59,
    timeframes: 'every',
    reference: KLINES,
    compute: ({ takerBuyVolume, volume, origin }) => rollingZScore(ratio(takerBuyVolume, volume), 60, origin),
  }),
  defineFeature({
    name: 'trade_count_zscore_60',
    family: 'order-flow',
    meaning: 'Sample deviations that the number of trades lies above its mean of 60 bars.',
    inputs: ['count'],
    lookback: 59,
    timeframes: 'every',
    reference: "from the exchange's trade count",
    compute: ({ count, origin }) => rollingZScore(count, 60, origin),
  }),
  defineFeature({
    name: 'amihud_ratio_20_240',
    family: 'order-flow',
    meaning: "Amihud's illiquidity of 20 bars over that of 240; above 1 = thinner than usual.",
    inputs: ['close', 'quoteVolume'],
    lookback: 240,
    timeframes: 'every',
    reference: 'Amihud 2002, J. Fin. Markets 5(1)',
    compute({ close, quoteVolume, origin }) {
      const illiquidity = (window: number) => amihudIlliquidity(close, quoteVolume, { window, origin })
      return ratio(illiquidity(20), illiquidity(240))
    },
  }),
]
