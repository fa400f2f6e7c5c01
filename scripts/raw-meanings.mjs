/**
 * What the columns of the raw kinds mean, for the generated page of datasets: [unit, meaning] by column; where a kind means something else by
 * a name, under the kind. The kinds, their columns and their folders come from src/market/raw-kinds.ts.
 */

const time = 'time'
const price = 'quote per base'
const base = 'base asset'
const quote = 'quote asset'
const LABEL = 'End of the five minutes until 2026-06-24, their start since'

const COLUMNS = {
  open_time: [time, 'Start of the bar'],
  open: [price, 'First price'],
  high: [price, 'Highest price'],
  low: [price, 'Lowest price'],
  close: [price, 'Last price'],
  volume: [base, 'Traded; a placeholder in bars of mark, index and premium'],
  close_time: [time, 'Last millisecond of the bar'],
  quote_volume: [quote, 'Traded; a placeholder as above'],
  count: ['trades', 'Number of trades; of samples in bars of mark, index and premium'],
  taker_buy_volume: [base, 'Of `volume`, bought by the taker'],
  taker_buy_quote_volume: [quote, 'Of `quote_volume`, bought by the taker'],
  ignore: ['', 'Published without a meaning'],
  calc_time: [time, 'When the rate was printed, with some milliseconds of jitter'],
  funding_interval_hours: ['hours', 'Until the next print'],
  last_funding_rate: ['fraction', 'Rate paid; positive: longs pay shorts'],
  symbol: ['', 'The pair'],
  funding_time: [time, 'When the rate was printed'],
  funding_rate: ['fraction', 'Rate paid; positive: longs pay shorts'],
  mark_price: [price, 'At the print; null where the exchange does not say'],
  rate_type: ['', '`Regular`, or `Special` for payments off the schedule'],
  create_time: [time, LABEL],
  sum_open_interest: [base, 'Open interest'],
  sum_open_interest_value: [quote, 'The same in money'],
  count_toptrader_long_short_ratio: ['ratio', 'Top traders: accounts that are long ÷ short'],
  sum_toptrader_long_short_ratio: ['ratio', 'Top traders: positions long ÷ short'],
  count_long_short_ratio: ['ratio', 'All traders: accounts that are long ÷ short'],
  sum_taker_long_short_vol_ratio: ['ratio', 'Volume bought ÷ sold by takers'],
  agg_trade_id: ['', 'Number of the aggregate'],
  price: [price, 'Traded at'],
  quantity: [base, 'Traded'],
  first_trade_id: ['', 'Of the trades in it'],
  last_trade_id: ['', 'Of the trades in it'],
  transact_time: [time, 'When it was traded'],
  is_buyer_maker: ['', 'True: the seller took'],
  is_best_match: ['', 'Published without a use; spot only'],
  normal_quantity: [base, 'Without retail price improvement orders; REST only'],
  id: ['', 'Number of the trade'],
  qty: [base, 'Traded'],
  quote_qty: [quote, 'Traded'],
  time: [time, 'When it was traded'],
  timestamp: [time, 'Of the snapshot, cut to seconds'],
  percentage: ['percent', 'Edge of the band: negative below the price (bids), positive above'],
  depth: [base, 'Quantity between the price and the edge'],
  notional: [quote, 'The same in money'],
  side: ['', '`SELL` closes a long, `BUY` a short; in `depth` `bid` or `ask`'],
  order_type: ['', 'Always `LIMIT`'],
  time_in_force: ['', 'Always `IOC`: what is not filled at once is not filled'],
  original_quantity: [base, 'Of the order'],
  average_price: [price, 'Of what was filled'],
  order_status: ['', '`FILLED`, or `PARTIALLY_FILLED`'],
  last_fill_quantity: [base, 'Of the last fill'],
  accumulated_fill_quantity: [base, 'Filled in all'],
  update_id: ['', 'Number of the update'],
  best_bid_price: [price, 'Highest price that is bid'],
  best_bid_qty: [base, 'At it'],
  best_ask_price: [price, 'Lowest price that is asked'],
  best_ask_qty: [base, 'At it'],
  transaction_time: [time, 'When the book changed'],
  event_time: [time, 'When the update was sent'],
  cmc_circulating_supply: [base, 'Coins in circulation, by a third party'],
  long_account: ['fraction', 'Share that is long'],
  short_account: ['fraction', 'Share that is short'],
  long_short_ratio: ['ratio', 'Long ÷ short'],
  buy_sell_ratio: ['ratio', 'Bought ÷ sold by takers'],
  buy_vol: [base, 'Bought by takers'],
  sell_vol: [base, 'Sold by takers'],
  last_update_id: ['', 'Number of the last update in the snapshot'],
  level: ['', '1 is the best'],
}

const PERIOD = { timestamp: [time, 'Label of the five minutes; whether their start or end is contested'] }
const OWN = {
  openInterestHist: PERIOD,
  topLongShortAccountRatio: PERIOD,
  topLongShortPositionRatio: PERIOD,
  globalLongShortAccountRatio: PERIOD,
  takerlongshortRatio: PERIOD,
  premiumIndexKlines: Object.fromEntries(
    ['open', 'high', 'low', 'close'].map((name) => [name, ['fraction', COLUMNS[name][1].replace('price', 'premium')]]),
  ),
  depth: { quantity: [base, 'At the level'], price: [price, 'Of the level'] },
}

/** Null where nothing is said. */
export function rawMeaning(kind, column) {
  return OWN[kind]?.[column] ?? COLUMNS[column] ?? null
}

/** Columns that are explained and that no kind has. */
export function unusedMeanings(kinds) {
  const used = new Set(Object.values(kinds).flat())
  return Object.keys(COLUMNS).filter((column) => !used.has(column))
}
