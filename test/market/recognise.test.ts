/**
 * What somebody's table is taken for: the habits of pandas, freqtrade, ccxt, yfinance, vendors and the exchange, as they print them.
 */
import { describe, expect, it } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/core/time.js'
import { recogniseColumns } from '../../src/market/recognise/columns.js'
import { readCsvHead } from '../../src/market/recognise/csv-head.js'
import { guessFromName, pairFromSymbol } from '../../src/market/recognise/names.js'
import {
  chooseLabel,
  chooseTimeframe,
  isClockAlone,
  isDateAlone,
  type Phases,
  type Spacings,
  timeFormOf,
} from '../../src/market/recognise/times.js'
import { secondPass, summerTimeSigns, windowsOf, zoneOf } from '../../src/market/recognise/zones.js'

describe('the name of a file', () => {
  it.each([
    ['BTC_USDT_USDT-5m-futures.parquet', 'BTCUSDT', '5m', null, 'binance-um'],
    ['some/where/BTC_USDT-5m.csv', 'BTCUSDT', '5m', null, null],
    ['BTCUSDT-5m-2023-05.parquet', 'BTCUSDT', '5m', null, null],
    ['BTC_USDT_USDT-8h-funding_rate.parquet', 'BTCUSDT', null, 'fundingRate', 'binance-um'],
    ['BTCUSDT-fundingRate-2023-01.csv', 'BTCUSDT', null, 'fundingRate', 'binance-um'],
    ['Binance_BTCUSDT_1h.csv', 'BTCUSDT', '1h', null, null],
    ['binance_eth_btc_15min.csv', 'ETHBTC', '15m', null, null],
    ['1000PEPE_USDT_USDT-60m-futures.csv', '1000PEPEUSDT', '1h', null, 'binance-um'],
    ['BTC-USD.csv', 'BTCUSD', null, null, null],
    ['spot_SOLUSDT_1D.csv', 'SOLUSDT', '1d', null, 'binance-spot'],
    ['FILUSDT_M5.csv', 'FILUSDT', '5m', null, null],
    ['FILUSDT_H4_202301.csv.gz', 'FILUSDT', '4h', null, null],
    ['BTC_USDT-5m.json.gz', 'BTCUSDT', '5m', null, null],
    ['prices.csv', null, null, null, null],
    // A capital M is a month; 7m is no timeframe of ours.
    ['BTCUSDT-1M.csv', 'BTCUSDT', null, null, null],
    ['BTCUSDT-7m.csv', 'BTCUSDT', null, null, null],
  ])('%s says pair %s, timeframe %s, kind %s, venue %s', (name, pair, timeframe, kind, venue) => {
    expect(guessFromName(name)).toMatchObject({ pair, timeframe, kind, venue, foreign: null })
  })

  it.each([
    ['BTC_USDT_USDT-8h-mark.parquet', 'mark'],
    ['BTCUSDT-markPriceKlines-1h.csv', 'mark'],
    ['BTCUSDT-premiumIndexKlines.csv', 'premium'],
  ])('%s is of %s prices', (name, foreign) => expect(guessFromName(name).foreign).toBe(foreign))

  it.each([
    ['BTC/USDT:USDT', 'BTCUSDT'],
    ['btc-usdt', 'BTCUSDT'],
    ['BTC_USDT_USDT', 'BTCUSDT'],
    ['BTC-USDT-SWAP', 'BTCUSDT'],
    ['币安人生USDT', '币安人生USDT'],
    ['../etc', null],
    ['', null],
    ['A/B/C/D', null],
  ])('the symbol %s is the pair %s', (symbol, pair) => expect(pairFromSymbol(symbol)).toBe(pair))
})

describe('the columns of', () => {
  const of = (header: string, more: Partial<Parameters<typeof recogniseColumns>[0]> = {}) => {
    const names = header.split(',')
    const { at, ...rest } = recogniseColumns({ names, hasHeader: true, kind: null, given: [], ...more })
    const named = Object.fromEntries(Object.entries(at).map(([role, i]) => [role, names[i]]))
    return { ...rest, named }
  }
  const CANDLE = { open: 'open', high: 'high', low: 'low', close: 'close', volume: 'volume' }

  it.each([
    ['freqtrade', 'date,open,high,low,close,volume', { time: 'date', ...CANDLE }],
    ['ccxt', 'timestamp,open,high,low,close,volume', { time: 'timestamp', ...CANDLE }],
    ['pandas with a nameless index of times', ',open,high,low,close,volume', { time: '', ...CANDLE }],
    ['pandas with a nameless index of numbers', ',date,open,high,low,close,volume', { time: 'date', ...CANDLE }],
    [
      'yfinance',
      'Datetime,Open,High,Low,Close,Adj Close,Volume',
      { time: 'Datetime', open: 'Open', high: 'High', low: 'Low', close: 'Close', volume: 'Volume' },
    ],
    [
      'a frame with two levels of names',
      "Date,('Close', 'BTC-USD'),('High', 'BTC-USD'),('Low', 'BTC-USD'),('Open', 'BTC-USD')",
      {
        time: 'Date',
        close: "('Close'",
        high: "('High'",
        low: "('Low'",
        open: "('Open'",
      },
    ],
    [
      'the exchange',
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore',
      {
        time: 'open_time',
        ...CANDLE,
        close_time: 'close_time',
        quote_volume: 'quote_volume',
        count: 'count',
        taker_buy_volume: 'taker_buy_volume',
        taker_buy_quote_volume: 'taker_buy_quote_volume',
      },
    ],
    [
      'its API wrappers',
      'Open time,Open,High,Low,Close,Volume,Close time,Quote asset volume,Number of trades,Taker buy base asset volume,Taker buy quote asset volume',
      {
        time: 'Open time',
        close_time: 'Close time',
        quote_volume: 'Quote asset volume',
        count: 'Number of trades',
        taker_buy_volume: 'Taker buy base asset volume',
        taker_buy_quote_volume: 'Taker buy quote asset volume',
      },
    ],
    [
      'CryptoDataDownload',
      'unix,symbol,open,high,low,close,Volume BTC,Volume USDT,tradecount',
      { time: 'unix', symbol: 'symbol', volume: 'Volume BTC', quote_volume: 'Volume USDT', count: 'tradecount' },
    ],
    ['an export by end', 'close_time,open,high,low,close', { close_time: 'close_time', close: 'close' }],
    ['MetaTrader', '<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>', { time: '<DATE>', volume: '<VOL>' }],
  ])('%s are found', (_, header, expected) => {
    // A name with a comma inside is cut by the test's own split; the two-level names are given whole.
    const names = header.includes("('") ? header.split(/,(?=\()/) : header.split(',')
    const { at, problems, kind } = recogniseColumns({ names, hasHeader: true, kind: null, given: [] })
    expect(problems).toEqual([])
    expect(kind).toBe('klines')
    for (const [role, name] of Object.entries(expected)) {
      expect(names[at[role as keyof typeof at] ?? -1]?.split(',')[0], role).toBe(name)
    }
  })

  it.each([
    ['the archive', 'calc_time,funding_interval_hours,last_funding_rate', null, 'calc_time', 'last_funding_rate'],
    ['the API', 'symbol,fundingTime,fundingRate,markPrice', null, 'fundingTime', 'fundingRate'],
    ['ccxt', 'info,symbol,fundingRate,timestamp,datetime', null, 'timestamp', 'fundingRate'],
    ['freqtrade, which keeps the rate in open', 'date,open,high,low,close,volume', 'fundingRate', 'date', 'open'],
  ] as const)('funding of %s are found', (_, header, kind, time, rate) => {
    const { kind: found, named, problems } = of(header, { kind })
    expect(problems).toEqual([])
    expect(found).toBe('fundingRate')
    expect(named).toMatchObject({ time, rate })
  })

  it.each([
    [
      'ccxt',
      'timestamp,trade_id,side,price,amount,cost',
      { id: 'trade_id', quantity: 'amount', quote_quantity: 'cost' },
    ],
    [
      'the archive',
      'id,price,qty,quote_qty,time,is_buyer_maker',
      { quantity: 'qty', is_buyer_maker: 'is_buyer_maker' },
    ],
    ['a tape', 'timestamp,price,quantity,exchange', { price: 'price', quantity: 'quantity' }],
  ])('trades of %s are found', (_, header, expected) => {
    const { kind, named, problems } = of(header)
    expect(problems).toEqual([])
    expect(kind).toBe('trades')
    expect(named).toMatchObject(expected)
  })

  it('what the exchange says of positions is found, and whose ratio it is by the name of the file', () => {
    expect(of('timestamp,symbol,sumOpenInterest,sumOpenInterestValue')).toMatchObject({
      ...{ kind: 'metrics', problems: [] },
      named: { time: 'timestamp', open_interest: 'sumOpenInterest', open_interest_value: 'sumOpenInterestValue' },
    })
    const ratio = 'timestamp,symbol,longAccount,longShortRatio,shortAccount'
    const whose = (name: string) => of(ratio, { ratio: guessFromName(name).ratio }).named
    expect(whose('BTCUSDT-globalLongShortAccountRatio-4h.csv')).toMatchObject({ account_ratio: 'longShortRatio' })
    expect(whose('BTCUSDT-topLongShortAccountRatio.csv')).toMatchObject({ top_account_ratio: 'longShortRatio' })
    expect(whose('top_long_short_position_ratio_BTCUSDT.csv')).toMatchObject({ top_position_ratio: 'longShortRatio' })
    expect(of(ratio, { ratio: guessFromName('BTCUSDT-topLongShortRatio.csv').ratio }).problems).toEqual([
      'longShortRatio could be of all accounts or of top traders: --columns account_ratio=longShortRatio, top_account_ratio=longShortRatio or top_position_ratio=longShortRatio',
    ])
    expect(of('create_time,symbol,sum_open_interest,count_long_short_ratio')).toMatchObject({
      ...{ kind: 'metrics', isStart: true },
      named: { time: 'create_time', account_ratio: 'count_long_short_ratio' },
    })
  })

  it('tables without a header line are taken by position', () => {
    const bare = (width: number) => of(Array.from({ length: width }, (_, i) => i + 1).join(','), { hasHeader: false })
    expect(bare(6).named).toEqual({ time: '1', open: '2', high: '3', low: '4', close: '5', volume: '6' })
    expect(bare(12).named).toMatchObject({
      close_time: '7',
      quote_volume: '8',
      count: '9',
      taker_buy_quote_volume: '11',
    })
    expect(bare(11).problems).toEqual([])
    expect(bare(3)).toMatchObject({ kind: 'fundingRate', named: { time: '1', interval_hours: '2', rate: '3' } })
    expect(bare(7).problems).toEqual([])
    expect(bare(8).problems).toEqual([
      'it has no header line, and 8 columns are neither 5, 6, 7, 11, 12: name them with --columns time=1,open=2,…',
    ])
  })

  it('the user are taken as they are said, and nothing else is guessed for these roles', () => {
    const given = [
      ['time', 'Datum'],
      ['close', 'Schluss'],
    ] as const
    const { named, unused } = of('Datum,date,open,high,low,close,Schluss', { given })
    expect(named).toMatchObject({ time: 'Datum', close: 'Schluss' })
    expect(unused).toEqual(['date', 'close'])
  })

  it('times that could both be meant are rivals; one that says that it is the begin has none', () => {
    expect(of('timestamp,datetime,open,high,low,close').rivals).toHaveLength(1)
    expect(of('open_time,date,open,high,low,close')).toMatchObject({ rivals: [], isStart: true })
  })

  it('unclear tables are told all at once', () => {
    expect(
      of('time,Open,open,high,close', {
        given: [
          ['lo', 'x'],
          ['low', 'lw'],
        ],
      }).problems,
    ).toEqual([
      '--columns lo=x: lo is no column of an archive, did you mean low?',
      '--columns low=lw: there is no column lw',
      'Open and open could both be open: choose with --columns open=…',
      'no column for low (columns: time, Open, open, high, close)',
    ])
  })

  it('adjusted prices are never the close', () => {
    expect(of('Date,Open,High,Low,Adj Close').problems[0]).toMatch(/^no column for close /)
  })
})

describe('the head of a CSV', () => {
  const rows = '2024-01-01,1,2,0.5,1.5,10\n2024-01-02,1,2,0.5,1.5,10\n'
  it.each([
    ['comma', `date,open,high,low,close,volume\n${rows}`, { delimiter: ',', skip: 1, hasHeader: true }],
    [
      'semicolon',
      `date;open;close\n2024-01-01;1.5;2\n2024-01-02;1;2\n`,
      { delimiter: ';', names: ['date', 'open', 'close'] },
    ],
    ['decimal comma', `Datum;open;close\n01.01.2024;1,5;2,5\n02.01.2024;1,5;2\n`, { delimiter: ';', hasHeader: true }],
    ['tab', 'date\topen\n2024-01-01\t1\n2024-01-02\t1\n', { delimiter: '\t', skip: 1 }],
    ['none', rows, { skip: 0, hasHeader: false, names: ['1', '2', '3', '4', '5', '6'] }],
    ['CRLF', `date,open\r\n1,2\r\n3,4\r\n`, { skip: 1, names: ['date', 'open'] }],
    ['byte order mark', `\uFEFFdate,open\n1,2\n3,4\n`, { names: ['date', 'open'] }],
    ['quotes', `"date","open, first"\n"2024-01-01","1"\n2024-01-02,2\n`, { names: ['date', 'open, first'] }],
    ['a line of advertisement', `https://www.example.com\ndate,open\n2024-01-01,1\n2024-01-02,1\n`, { skip: 2 }],
    [
      'two levels of names',
      'Price,Close,High\nTicker,BTC-USD,BTC-USD\nDate,,\n2024-01-01,1,2\n2024-01-02,1,2\n',
      { skip: 3, names: ['Date', 'Close', 'High'] },
    ],
    ['one row', 'date,open\n2024-01-01,5', { skip: 1, names: ['date', 'open'] }],
  ])('%s', (_, text, expected) => expect(readCsvHead(text)).toMatchObject(expected))

  it.each([
    ['', 'it is empty'],
    ['<html>', 'it is a web page, not CSV'],
    ['Dear Sir\nI write\n', 'its lines have no common separator (comma, semicolon or tab)'],
    ['date,open\n', 'it has a header line and no rows'],
    ['a\0b', 'it is not a text file'],
  ])('%j: %s', (text, problem) => expect(readCsvHead(text)).toBe(problem))
})

describe('times', () => {
  it.each([
    ['1672531200', 'epoch'],
    ['1672531200000.0', 'epoch'],
    ['1.6725312e9', 'epoch'],
    ['2023-01-01 00:00:00+00:00', 'aware'],
    ['2023-01-01T00:00:00.000Z', 'aware'],
    ['2023-01-01T00:00+0100', 'aware'],
    ['2023-01-01 00:00:00 UTC', 'aware'],
    ['2023-01-01', 'naive'],
    ['2023.01.01 00:05', 'naive'],
    ['2023-01-01T00:00:00', 'naive'],
    ['01.02.2023 00:00:00.000', 'dotted'],
    ['2023-01-01 01:05 PM', 'half'],
    ['2023/01/01 1pm', 'half'],
    ['20230101 000500', 'compact'],
    ['20230101 00:05', 'compact'],
  ])('%s is %s', (text, form) => expect(timeFormOf([text])).toBe(form))

  it('are a day and a time of day in two columns', () => {
    const days = ['2023-10-01', '2023.10.01', '01.10.2023', '20231001', '01/10/2023']
    const clocks = ['00:05', '0:05:30', '00:05:00+02:00', '01:05 PM', '000500']
    for (const text of days) expect([text, isDateAlone(text), isClockAlone(text)]).toEqual([text, true, false])
    for (const text of clocks) expect([text, isDateAlone(text), isClockAlone(text)]).toEqual([text, false, true])
    for (const text of ['2023-10-01 00:05', '1696118400000', '5', '']) {
      expect([text, isDateAlone(text), isClockAlone(text)]).toEqual([text, false, false])
    }
  })

  it('that can be read in two ways are not read', () => {
    expect(timeFormOf(['01/02/2023 00:00'])).toEqual({
      problem: expect.stringContaining('day or month first? it cannot be told'),
    })
  })

  const spaced = (common: [number, number][], more: Partial<Spacings> = {}): Spacings => ({
    common: common.map(([ms, count]) => ({ ms, count })),
    total: common.reduce((sum, [, count]) => sum + count, 0),
    shorter: 0,
    stretch: null,
    ...more,
  })
  const none = { given: null, named: null }

  it('show their timeframe by the most common distance', () => {
    expect(
      chooseTimeframe(
        spaced([
          [5 * MINUTE, 40],
          [10 * MINUTE, 30],
        ]),
        none,
      ),
    ).toEqual({ timeframe: '5m' })
    expect(chooseTimeframe(spaced([]), { given: null, named: '5m' })).toEqual({ timeframe: '5m' })
  })

  it.each([
    ['a name that says another', spaced([[HOUR, 9]]), { given: null, named: '5m' as const }, 'its name says 5m'],
    // Hours taken as bars of five minutes would be known 55 minutes early.
    ['an option that says a finer one', spaced([[HOUR, 9]]), { given: '5m' as const, named: null }, 'apart'],
    ['an option that says a coarser one', spaced([[HOUR, 9]]), { given: '4h' as const, named: null }, 'apart'],
    ['a distance that is none', spaced([[7 * MINUTE, 9]]), none, '7 min apart, which is none of'],
    [
      'hours with five minutes among them',
      spaced(
        [
          [HOUR, 900],
          [5 * MINUTE, 12],
        ],
        { shorter: 12 },
      ),
      none,
      'mixed',
    ],
    [
      'hours after days',
      spaced(
        [
          [HOUR, 900],
          [DAY, 30],
        ],
        { stretch: { ms: DAY, from: 0, count: 30 } },
      ),
      none,
      'mixed',
    ],
    ['one row', spaced([]), none, 'one row shows no timeframe'],
  ])('are refused with %s', (_, spacings, choice, problem) => {
    expect(chooseTimeframe(spacings, choice)).toEqual({ problem: expect.stringContaining(problem) })
  })

  const at = (...common: [number, number][]): Phases => ({
    common: common.map(([ms, count]) => ({ ms, count })),
    total: common.reduce((sum, [, count]) => sum + count, 0),
  })
  const five = { timeframe: '5m' as const, given: null, column: null }

  it.each([
    ['on the grid', at([0, 10]), five, { label: 'start', shift: 0, because: 'assumed' }],
    [
      'on the grid by a column of open times',
      at([0, 10]),
      { ...five, column: 'start' as const },
      { shift: 0, because: 'column' },
    ],
    // 00:04:59.999 is the last moment of the bar that begins at 00:00.
    ['on the last millisecond', at([299_999, 10]), five, { label: 'end', shift: 299_999, because: 'times' }],
    ['on the last second', at([299_000, 10]), five, { label: 'end', shift: 299_000 }],
    [
      'on the grid by a column of close times',
      at([0, 10]),
      { ...five, column: 'end' as const },
      { label: 'end', shift: 300_000 },
    ],
    [
      'on the grid, said to be ends',
      at([0, 10]),
      { ...five, given: 'end' as const },
      { shift: 300_000, because: 'given' },
    ],
    ['mostly on the grid', at([0, 10], [7, 3]), five, { shift: 0 }],
  ])('%s are placed', (_, phases, choice, expected) => expect(chooseLabel(phases, choice)).toMatchObject(expected))

  it.each([
    [
      'ends said to be begins',
      at([299_999, 10]),
      { ...five, given: 'start' as const },
      'the last moment of each 5m bar',
    ],
    [
      'close times said to be begins',
      at([0, 9]),
      { ...five, column: 'end' as const, given: 'start' as const },
      'close time',
    ],
    [
      'open times said to be ends',
      at([0, 9]),
      { ...five, column: 'start' as const, given: 'end' as const },
      'open time by name',
    ],
    [
      'days of another zone',
      at([22 * HOUR, 9]),
      { ...five, timeframe: '1d' as const },
      '9 of 9 times lie off the 1d grid',
    ],
    ['no grid', at([1, 4], [2, 3], [0, 3]), five, '7 of 10 times lie off'],
  ])('%s are refused', (_, phases, choice, problem) => {
    expect(chooseLabel(phases, choice)).toEqual({ problem: expect.stringContaining(problem) })
  })
})

describe('time zones', () => {
  const year = { from: Date.UTC(2023, 0, 1), to: Date.UTC(2024, 0, 1) }

  it('change their clocks when the law says', () => {
    // Directive 2000/84/EC: last Sundays of March and October, 01:00 UTC.
    expect(zoneOf('Europe/Berlin', year)).toEqual({
      first: HOUR,
      transitions: [
        { at: Date.UTC(2023, 2, 26, 1), before: HOUR, after: 2 * HOUR },
        { at: Date.UTC(2023, 9, 29, 1), before: 2 * HOUR, after: HOUR },
      ],
    })
    // Energy Policy Act of 2005: second Sunday of March 02:00 EST = 07:00 UTC, first Sunday of November 02:00 EDT = 06:00 UTC.
    expect(zoneOf('America/New_York', year)?.transitions.map(({ at }) => at)).toEqual([
      Date.UTC(2023, 2, 12, 7),
      Date.UTC(2023, 10, 5, 6),
    ])
    expect(zoneOf('Asia/Tokyo', year)).toEqual({ first: 9 * HOUR, transitions: [] })
    expect(zoneOf('Europe/Berlln', year)).toBeNull()
  })

  it('skip an hour in spring and have one twice in autumn', () => {
    const zone = zoneOf('Europe/Berlin', year)
    expect(zone && windowsOf(zone).map(({ window, twice }) => ({ ...window, twice }))).toEqual([
      { from: Date.UTC(2023, 2, 26, 2), to: Date.UTC(2023, 2, 26, 3), twice: false },
      { from: Date.UTC(2023, 9, 29, 2), to: Date.UTC(2023, 9, 29, 3), twice: true },
    ])
  })

  it('show the second pass through an hour by the order of the rows, or not at all', () => {
    expect(secondPass([0, 20, 40, 0, 20, 40])).toBe(3)
    expect(secondPass([0, 0])).toBe(1)
    expect(secondPass([0, 20, 40])).toBeNull()
    expect(secondPass([0, 20, 0, 20, 0, 20])).toBeNull()
  })

  it('betray themselves on the Sundays of the change only', () => {
    const hole = (time: number, length = HOUR) => ({ from: time, to: time + length })
    expect(summerTimeSigns([hole(Date.UTC(2023, 2, 26, 2))], [])).toEqual(['2023-03-26'])
    expect(summerTimeSigns([], [Date.UTC(2023, 9, 29, 2)])).toEqual(['2023-10-29'])
    expect(summerTimeSigns([], [Date.UTC(2023, 10, 5, 1)])).toEqual(['2023-11-05'])
    // 2023-03-24 was a Friday: the exchange stood still.
    expect(summerTimeSigns([hole(Date.UTC(2023, 2, 24, 2)), hole(Date.UTC(2023, 2, 26, 2), 2 * HOUR)], [])).toEqual([])
  })
})
