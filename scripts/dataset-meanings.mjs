/**
 * What the columns on disk mean, for the generated page: [unit, meaning] by column. The columns themselves come from the program's
 * schemas; one without a meaning, or a meaning without a column, is an error.
 */

const time = 'time'
const quote = 'quote asset'
const base = 'base asset'
const price = 'quote per base'
const fraction = 'fraction'

const FLOW = {
  open: [price, 'First price traded'],
  high: [price, 'Highest price'],
  low: [price, 'Lowest price'],
  close: [price, 'Last price traded'],
  volume: [base, 'Traded'],
  quote_volume: [quote, 'Traded'],
  count: ['trades', 'Number of trades'],
  taker_buy_volume: [base, 'Of `volume`, bought by the taker'],
  taker_buy_quote_volume: [quote, 'Of `quote_volume`, bought by the taker'],
}
const INTERVAL = {
  t0: [time, 'Close of the decision bar: when the decision could be known'],
  t1: [time, 'When the outcome was known; null where it never is'],
}
const BARRIERS = {
  profit: ['fraction of the entry price', 'Distance of the profit barrier'],
  stop: ['fraction of the entry price', 'Distance of the stop barrier'],
}

export const DATASETS = [
  {
    name: 'klines',
    title: 'Raw klines',
    path: 'data/raw/<venue>/<PAIR>/klines/<timeframe>/<month>.parquet',
    meaning:
      "As published, all columns under the exchange's own names, in the order of the file; only microseconds become milliseconds.",
    columns: {
      open_time: [time, 'Start of the bar'],
      ...FLOW,
      close_time: [time, 'Last millisecond of the bar'],
      ignore: ['', 'Published without a meaning'],
    },
  },
  {
    name: 'fundingRate',
    title: 'Raw funding',
    path: 'data/raw/<venue>/<PAIR>/funding_rate/<month>.parquet',
    meaning: 'As published. Futures only.',
    columns: {
      calc_time: [time, 'When the rate was printed'],
      funding_interval_hours: ['hours', 'Until the next print'],
      last_funding_rate: [fraction, 'Rate paid; positive: longs pay shorts'],
    },
  },
  {
    name: 'bars',
    title: 'Bars',
    path: 'data/clean/<venue>/<PAIR>/bars/<timeframe>/<month>.parquet',
    meaning:
      'A complete grid: a bar that was not published, or that was impossible, is a row whose values are null. A higher bar is made of the base bars that are there, and is null where there are none.',
    columns: {
      open_time: [time, 'Start of the bar; the key'],
      available_time: [time, 'End of the bar: when it may be used'],
      ...FLOW,
      base_bars: ['bars', 'Base bars that it is made of'],
    },
  },
  {
    name: 'funding',
    title: 'Funding',
    path: 'data/clean/<venue>/<PAIR>/funding.parquet',
    meaning: 'Prints of the span, each once. Absent where the instrument has none.',
    columns: {
      time: [time, 'When the rate was printed, on the hour'],
      rate: [fraction, 'Of the position, paid by longs to shorts'],
      interval_hours: ['hours', 'Between prints'],
    },
  },
  {
    name: 'features',
    title: 'Features',
    path: 'data/features/<venue>/<PAIR>/<timeframe>/<month>.parquet',
    meaning:
      'One float32 column a feature besides the two times; their meanings stand in `features.json` beside the table and in [features](features.md).',
    columns: {
      open_time: [time, 'Start of the decision bar; the key'],
      available_time: [time, 'Its end: the row holds nothing that was known later'],
    },
  },
  {
    name: 'labels',
    title: 'Labels',
    path: 'data/labels/<venue>/<PAIR>/labels.parquet',
    meaning: 'One row a decision bar, judged on base bars. See [labels](labels.md).',
    columns: {
      open_time: [time, 'Start of the decision bar; the key'],
      available_time: [time, 'Its end'],
      ...INTERVAL,
      label: ['class', 'Class of the label type; null where not known or none'],
      entry_price: [price, 'Open of the first base bar after t0 and the latency'],
      long_return: [fraction, 'From the entry price to where a long was closed, before costs'],
      ...BARRIERS,
      long_outcome: ['', 'A long: 1 profit, −1 stop, 0 neither'],
      short_outcome: ['', 'A short: 1 profit, −1 stop, 0 neither'],
    },
  },
  {
    name: 'predictions',
    title: 'Predictions',
    path: 'data/predictions/<venue>/<PAIR>/<fingerprint>/predictions.parquet',
    meaning:
      'Every decision bar that is scored, by a model that was not fitted on it: the folds in order, and the test part.',
    columns: {
      open_time: [time, 'Start of the decision bar'],
      ...INTERVAL,
      fold: ['', 'Fold from 1; 0 = the test part'],
      usable: [
        '',
        '1: may be scored; 0: traded but not scored, for its outcome is unknown or reaches into the next part',
      ],
      label: ['class', 'What came true'],
      raw_long: ['probability', 'That a long wins, as the model says'],
      raw_short: ['probability', 'That a short wins, as the model says'],
      p_long: ['probability', 'The same, calibrated on validation rows'],
      p_short: ['probability', 'The same, calibrated on validation rows'],
      side: ['', 'The likelier side: 1 long, −1 short, 0 flat'],
      confidence: ['probability', 'Calibrated probability of that side'],
      threshold: ['probability', "From which the backtest enters; the fold's own"],
      ...BARRIERS,
    },
  },
  {
    name: 'trades',
    title: 'Trades',
    path: 'artifacts/backtests/<venue>/<PAIR>/<fingerprint>/trades-<part>.parquet',
    meaning: 'One row a trade, in the order of entry; parts are `test` and `out_of_fold`.',
    columns: {
      decision_row: ['row', 'Of the predictions of this part'],
      decision_time: [time, 't0 of the decision'],
      entry_time: [time, 'Open of the entry bar'],
      exit_time: [time, 'Close of the bar in which it ended; its open where a gap ended it'],
      side: ['', '1 long, −1 short'],
      quantity: [base, 'Size'],
      entry_reference: [price, 'Open of the entry bar'],
      entry_price: [price, 'Paid, after slippage'],
      stop_price: [price, 'Of the stop order'],
      profit_price: [price, 'Of the take-profit order'],
      exit_reference: [price, 'Before slippage'],
      exit_price: [price, 'Received, after slippage'],
      exit_reason: ['', 'EXIT_REASONS'],
      gross_pnl: [quote, 'Between the two references'],
      fees: [quote, 'Paid on both fills'],
      slippage_cost: [quote, 'Paid on both fills'],
      funding: [quote, 'Paid; negative = received'],
      net_pnl: [quote, 'gross_pnl − fees − slippage_cost − funding'],
      equity_before: [quote, 'Account before the entry'],
      return_on_equity: [fraction, 'net_pnl ÷ equity_before'],
      mae: [fraction, 'Worst unrealised return on the entry reference, ≤ 0'],
      mfe: [fraction, 'Best unrealised return on the entry reference, ≥ 0'],
      bars_held: ['base bars', 'Entry and exit bar included'],
    },
  },
  {
    name: 'equity',
    title: 'Equity',
    path: 'artifacts/backtests/<venue>/<PAIR>/<fingerprint>/equity-<part>.parquet',
    meaning: 'One row a base bar of the part.',
    columns: {
      open_time: [time, 'Start of the base bar'],
      close: [price, 'Close of the base bar'],
      equity: [quote, 'Account at that close, open position marked; carried through holes'],
      buy_and_hold: [quote, 'The same money held from the first bar, after costs'],
    },
  },
]
