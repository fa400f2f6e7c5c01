/**
 * How much to trade. Shared by backtest and signals. Whatever the rule says, the notional stays within leverage × equity.
 */

export type Sizing = {
  readonly equity: number // quote currency
  readonly riskFraction: number // share of equity lost when the stop fills at its price, costs apart
  readonly stop: number // distance of the stop, fraction of the entry reference
  readonly profit: number // distance of the profit order, the same
  readonly confidence: number // calibrated probability of the profit before the stop; NaN = not known
  readonly kellyFraction: number // share of the Kelly bet
  readonly targetVolatility: number // of the account, a year of 365 days
  readonly volatility: number // of the instrument, the same; NaN = not known
  readonly reference: number // price from which the stop is measured
}

type Rule = {
  readonly meaning: string
  readonly reference: string
  /** Quantity of the base asset; 0 where it says not to trade, NaN where it needs what is not known. */
  readonly quantity: (sizing: Sizing) => number
}

export const SIZINGS = {
  'fixed-risk': {
    meaning: 'A stop costs riskFraction of the equity.',
    reference: 'fixed fractional sizing; Vince 1990, Portfolio Management Formulas',
    quantity: ({ equity, riskFraction, stop, reference }) => (riskFraction * equity) / (stop * reference),
  },
  kelly: {
    meaning:
      'kellyFraction of the bet that grows fastest for the confidence and the two barriers; none where it is not above 0.',
    reference: 'Kelly 1956, Bell System Technical Journal 35; for a loss of a and a gain of b: p ÷ a − (1 − p) ÷ b',
    quantity: ({ equity, kellyFraction, confidence, stop, profit, reference }) =>
      (Math.max(0, kellyFraction * (confidence / stop - (1 - confidence) / profit)) * equity) / reference,
  },
  volatility: {
    meaning: 'The position moves as much as targetVolatility of the equity, a year of 365 days.',
    reference:
      'Moskowitz, Ooi & Pedersen 2012, Journal of Financial Economics 104: positions of equal ex-ante volatility',
    quantity: ({ equity, targetVolatility, volatility, reference }) =>
      ((targetVolatility / volatility) * equity) / reference,
  },
} as const satisfies Record<string, Rule>

export type SizingName = keyof typeof SIZINGS
export const SIZING_NAMES = Object.keys(SIZINGS) as [SizingName, ...SizingName[]]
