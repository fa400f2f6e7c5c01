/**
 * Named selections. `core` holds what a model can use as it is: shares, ratios, distances and oscillators, no price or
 * volume levels, no balances that run on. `sequence` is the bar itself and its order flow without their level, for models that
 * read many bars; `core` holds it too. `all` is the whole registry on every timeframe.
 */

export const PRESETS = ['core', 'sequence', 'all'] as const
export type Preset = (typeof PRESETS)[number]

/** @param context  a column of a context timeframe */
export function inPreset(preset: Preset, feature: string, context: boolean): boolean {
  if (preset === 'all') return true
  if (preset === 'sequence') return !context && SEQUENCE.includes(feature)
  return (context ? CORE_CONTEXT : CORE).includes(feature)
}

/** Close on close, range, where the close lies in it and how much of it is body give the bar back up to its level and its first gap. */
const SEQUENCE: readonly string[] = [
  ...['log_return', 'high_low_range', 'close_position', 'body_share'],
  ...['volume_zscore_20', 'taker_buy_share', 'trade_intensity', 'average_trade_size_ratio'],
]

/** On the decision timeframe. */
export const CORE: readonly string[] = [
  ...['log_return', 'high_low_range', 'close_position', 'body_share', 'vwap_distance_20', 'vwap_distance_240'],
  ...['ema_distance_20', 'ema_distance_100', 'sma_distance_200', 'ema_cross_12_26', 'sma_cross_20_50'],
  ...['rsi_7', 'rsi_14', 'macd_histogram_pct_12_26_9', 'stochastic_k_14', 'roc_5', 'roc_20', 'cci_20', 'mfi_14'],
  ...['adx_14', 'plus_di_14', 'minus_di_14', 'aroon_oscillator_25', 'linear_slope_pct_60'],
  ...['atr_pct_14', 'bollinger_width_20', 'bollinger_position_20', 'historical_volatility_30'],
  ...['volatility_ratio_10_60', 'garman_klass_20'],
  ...['volume_zscore_20', 'volume_trend_5_60', 'cmf_20', 'obv_momentum_20'],
  ...['taker_buy_share', 'signed_volume_share_5', 'signed_volume_share_20', 'signed_volume_share_60'],
  ...['signed_volume_share_240', 'trade_intensity', 'average_trade_size_ratio', 'kyle_lambda_60', 'vpin_50'],
  ...['zscore_50', 'skew_20', 'autocorrelation_1', 'variance_ratio_10'],
  ...['hour_sin', 'hour_cos', 'weekday_sin', 'weekday_cos', 'overlap_london_new_york'],
  ...['funding_rate', 'funding_change_24h', 'cumulative_funding_7d', 'time_to_funding'],
]

/** On every context timeframe: short look-backs, for 20 daily bars are 20 days of silence. */
export const CORE_CONTEXT: readonly string[] = ['roc_5', 'ema_distance_20', 'rsi_14', 'atr_pct_14']
