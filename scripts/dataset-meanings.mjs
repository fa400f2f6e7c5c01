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

const KEYS = {
  open_time: [time, 'Start of the bar; the key'],
  available_time: [time, 'End of the bar: when it may be used'],
}
const BANDS = ['m5', 'm4', 'm3', 'm2', 'm1', 'p1', 'p2', 'p3', 'p4', 'p5']
const percentOf = (band) => `${band.startsWith('m') ? '−' : '+'}${band.slice(1)} %`

export const DATASETS = [
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
      mark_price: [price, 'Mark price at the print; null where it is not said'],
    },
  },
  {
    name: 'funding_special',
    title: 'Special funding',
    path: 'data/clean/<venue>/<PAIR>/funding_special.parquet',
    meaning:
      'Real payments off the schedule, such as dividends, which only REST tells apart; they count for no interval and no hole. Absent where there is none.',
    columns: {
      time: [time, 'When it was printed, rounded to the minute'],
      rate: [fraction, 'Of the position, paid by longs to shorts'],
      mark_price: [price, 'Mark price at the print'],
    },
  },
  ...['mark_price', 'index_price', 'premium_index'].map((name) => ({
    name,
    title: { mark_price: 'Mark price', index_price: 'Index price', premium_index: 'Premium index' }[name],
    path: `data/clean/<venue>/<PAIR>/${name}/<month>.parquet`,
    meaning: `Bars of the base timeframe, cleaned as the bars of trades are, on the same complete grid${name === 'premium_index' ? '; a premium may be 0 or less' : ''}. Absent where \`${{ mark_price: 'markPriceKlines', index_price: 'indexPriceKlines', premium_index: 'premiumIndexKlines' }[name]}\` was not downloaded.`,
    columns: {
      ...KEYS,
      open: [name === 'premium_index' ? fraction : price, 'First of the bar'],
      high: [name === 'premium_index' ? fraction : price, 'Highest'],
      low: [name === 'premium_index' ? fraction : price, 'Lowest'],
      close: [name === 'premium_index' ? fraction : price, 'Last of the bar'],
    },
  })),
  {
    name: 'clean_metrics', // `metrics` are the raw ones
    title: 'Metrics',
    path: 'data/clean/<venue>/<PAIR>/metrics/<month>.parquet',
    meaning:
      'Every five minutes, on a complete grid. The archive labelled a period by its end until 2026-06-24 and by its start since; the key is always the start. REST stands in for cells that the archive does not know.',
    columns: {
      open_time: [time, 'Start of the five minutes; the key'],
      available_time: [time, 'Label of the source + 5 minutes, never before the period ends'],
      sum_open_interest: [base, 'Open interest; a published zero is null'],
      sum_open_interest_value: [quote, 'The same in money'],
      count_toptrader_long_short_ratio: ['ratio', 'Top traders: accounts that are long ÷ short'],
      sum_toptrader_long_short_ratio: ['ratio', 'Top traders: positions long ÷ short'],
      count_long_short_ratio: ['ratio', 'All traders: accounts that are long ÷ short'],
      sum_taker_long_short_vol_ratio: ['ratio', 'Volume bought ÷ sold by takers'],
    },
  },
  {
    name: 'trade_bars',
    title: 'Bars of trades',
    path: 'data/clean/<venue>/<PAIR>/trade_bars/<month>.parquet',
    meaning:
      'Made of `trades`, or of `aggTrades` where there are none, per base bar. Ids tell a bar without trades (zeros) from one that is not known (null). Standard deviation around the VWAP, for bands: √(Σ price_squares ÷ Σ volume − VWAP²).',
    columns: {
      ...KEYS,
      trade_count: ['trades', 'Single trades'],
      prints: ['rows', 'Rows of the source; of `trades` the same'],
      buy_prints: ['rows', 'Of these, bought by the taker'],
      volume: [base, 'Traded'],
      quote_volume: [quote, 'Sum of price × quantity'],
      vwap: [price, 'quote_volume ÷ volume; null without trades'],
      buy_volume: [base, 'Bought by takers'],
      sell_volume: [base, 'Sold by takers'],
      max_quantity: [base, 'Largest row; null without trades'],
      price_squares: ['quote² per base', 'Sum of price² × quantity'],
      first_id: ['', 'Smallest id; null without trades'],
      last_id: ['', 'Largest id; null without trades'],
      missing_ids: ['ids', 'That lack in the bar or between it and the one before with trades'],
    },
  },
  {
    name: 'book_depth_bars',
    title: 'Depth of the book',
    path: 'data/clean/<venue>/<PAIR>/book_depth_bars/<month>.parquet',
    meaning:
      'Per base bar the last snapshot before its end, at most 5 minutes old. A band reaches from the price to so many percent below (`m`, bids) or above it (`p`, asks).',
    columns: {
      ...KEYS,
      snapshot_time: [time, 'When the snapshot was taken, cut to seconds'],
      ...Object.fromEntries(BANDS.map((band) => [`depth_${band}`, [base, `Quantity within ${percentOf(band)}`]])),
      ...Object.fromEntries(
        BANDS.map((band) => [`notional_${band}`, [quote, `The same in money, ${percentOf(band)}`]]),
      ),
    },
  },
  {
    name: 'book_ticker_bars',
    title: 'Best bid and ask',
    path: 'data/clean/<venue>/<PAIR>/book_ticker_bars/<month>.parquet',
    meaning:
      'Per base bar the last update, by id, that had been sent by its end; null where there was none in it. The archive ends on 2024-03-30.',
    columns: {
      ...KEYS,
      bid_price: [price, 'Best bid'],
      bid_quantity: [base, 'Offered at it'],
      ask_price: [price, 'Best ask'],
      ask_quantity: [base, 'Offered at it'],
      mean_spread: [price, 'Ask − bid, mean over the updates'],
      updates: ['updates', 'In the bar'],
    },
  },
  {
    name: 'liquidation_bars',
    title: 'Liquidations',
    path: 'data/clean/<venue>/<PAIR>/liquidation_bars/<month>.parquet',
    meaning:
      'Per base bar what was closed by force, each order once and one second after its time, when it was told of. 0 in a bar without any on a day that has a file; null on a day without one. The exchange tells of one order a second at most: a sample. The archive ended on 2024-03-31 and was taken down.',
    columns: {
      ...KEYS,
      long_orders: ['orders', 'To sell, which close longs'],
      long_volume: [base, 'Filled of them'],
      long_value: [quote, 'The same in money'],
      short_orders: ['orders', 'To buy, which close shorts'],
      short_volume: [base, 'Filled of them'],
      short_value: [quote, 'The same in money'],
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
      label: ['class or value', 'What is learned, by the label type; null where not known or none'],
      outcome: [
        '',
        'Side whose trade would have won: 1 long, −1 short, 0 neither, whatever the type; null where not known',
      ],
      side: ['', 'Side that the primary names: 1, −1, 0 none; null where there is no primary or it is not known'],
      entry_price: [price, 'Open of the first base bar after t0 and the latency'],
      long_return: [
        fraction,
        'From the entry price to where a long was closed, or the price was when the race was over, before costs',
      ],
      ...BARRIERS,
      long_outcome: ['', 'A long: 1 profit, −1 stop, 0 neither'],
      short_outcome: ['', 'A short: 1 profit, −1 stop, 0 neither'],
    },
  },
  {
    name: 'raw_predictions',
    title: 'What a fit says',
    path: 'artifacts/fits/<venue>/<PAIR>/<fingerprint>/raw.parquet',
    meaning:
      'The decision bars of the validation part, then those that are scored, with all that calibration, threshold and scores need to know of them.',
    columns: {
      open_time: [time, 'Start of the decision bar'],
      ...INTERVAL,
      scored: ['', '1: of the scored part; 0: of the validation part'],
      path: ['', 'Of a scored row: as in the predictions'],
      usable: ['', '1: may calibrate, or be scored'],
      label: ['class or value', 'What came true of that which is learned'],
      outcome: ['', 'The side whose trade won: 1 long, −1 short, 0 neither'],
      side: ['', 'Of the primary model of a meta label: 1, −1, 0 none'],
      weight: ['fraction', 'Uniqueness of the interval'],
      ...BARRIERS,
      'predicted_1 …': [
        'probability or as the label',
        'What the model gives, one a class in its order, or the value; null where a window is not whole or nothing was asked',
      ],
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
      path: [
        '',
        'The rows of one path cover what is out of fold once: 1 unless folds score a row several times; 0 = the test part',
      ],
      usable: [
        '',
        '1: may be scored; 0: traded but not scored, for its outcome is unknown or reaches into the next part',
      ],
      label: ['class or value', 'What came true of that which is learned'],
      outcome: ['', 'The side whose trade won: 1 long, −1 short, 0 neither'],
      value: ['as the label', 'What a regression says; null for classes'],
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
    meaning:
      'One row a trade, in the order of entry; parts are `test` and `out_of_fold`. Of several pairs on one account they lie under `<venue>/account/<fingerprint>/`, with a column `pair`, in the order in which they ended, and with an equity table without close and buy_and_hold.',
    columns: {
      decision_row: ['row', 'Of the predictions of this part'],
      decision_time: [time, 't0 of the decision'],
      entry_time: [time, 'Open of the entry bar'],
      exit_time: [time, 'Close of the bar in which it ended; its open where it ended there'],
      side: ['', '1 long, −1 short'],
      quantity: [base, 'All that was entered'],
      entry_reference: [price, 'Open of the entry bar, or the limit; of several fills the mean'],
      entry_price: [price, 'Paid, after slippage; of several fills the mean'],
      stop_price: [price, 'Where the stop stood first'],
      profit_price: [price, 'Of the first take-profit order'],
      exit_reference: [price, 'Before slippage; of several fills the mean'],
      exit_price: [price, 'Received, after slippage; of several fills the mean'],
      exit_reason: ['', 'EXIT_REASONS'],
      gross_pnl: [quote, 'Between the two references'],
      fees: [quote, 'Paid on all fills'],
      slippage_cost: [quote, 'Paid on all fills'],
      funding: [quote, 'Paid; negative = received'],
      liquidation_fee: [quote, 'Paid when the position was taken away'],
      net_pnl: [quote, 'gross_pnl − fees − slippage_cost − funding − liquidation_fee'],
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
