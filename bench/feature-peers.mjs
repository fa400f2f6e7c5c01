/**
 * The same columns in other libraries: npm packages (each as its own documentation calls it, on plain arrays, which they ask for), Python
 * and TA-Lib's C library in processes of their own, and a plain C loop as the yardstick of the machine's speed of the day. What is not
 * installed says so.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { talib } from './talib-peer.mjs'

/**
 * Name of the library → { version, ms: column → milliseconds } or { skipped: why }.
 *
 * @param before  called before each library, so that it and we are measured in turns
 */
export async function peers(bars, before) {
  const lists = Object.fromEntries(['open', 'high', 'low', 'close', 'volume'].map((name) => [name, [...bars[name]]]))
  const found = {}
  for (const [name, calls] of Object.entries({ technicalindicators, indicatorts, 'trading-signals': tradingSignals })) {
    before()
    found[name] = await npmPeer(name, (peer) => calls(peer, lists))
  }
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    const file = join(folder, 'bars.f64')
    const columns = ['open', 'high', 'low', 'close', 'volume'].map((name) => Buffer.from(bars[name].buffer))
    writeFileSync(file, Buffer.concat(columns))
    before()
    found['pandas, tuned'] = pandas(file, bars.rows)
    before()
    found['TA-Lib in C'] = talib(file, bars.rows)
    before()
    return found
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function npmPeer(name, callsOf) {
  try {
    const peer = await import(name)
    const { version } = JSON.parse(
      execFileSync('node', ['-p', `JSON.stringify(require('./node_modules/${name}/package.json'))`], {
        cwd: join(fileURLToPath(import.meta.url), '../..'),
        encoding: 'utf8',
      }),
    )
    const ms = Object.fromEntries(Object.entries(callsOf(peer)).map(([column, call]) => [column, least(call)]))
    return { version, ms }
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    return { skipped: `${name} is not installed: npm ci` }
  }
}

/** The least of three runs: the first also warms up, and some take most of a second. */
function least(call) {
  return Math.min(
    ...[0, 1, 2].map(() => {
      const start = performance.now()
      call()
      return performance.now() - start
    }),
  )
}

function technicalindicators(peer, lists) {
  const { close: values, high, low, close, volume } = lists
  return {
    ...windows([5, 10, 20, 50, 100, 200], 'sma', (period) => peer.SMA.calculate({ period, values })),
    ...windows([5, 10, 20, 50, 100, 200], 'ema', (period) => peer.EMA.calculate({ period, values })),
    ...windows([5, 10, 20, 50, 100, 200], 'wma', (period) => peer.WMA.calculate({ period, values })),
    ...windows([2, 7, 14, 21, 50], 'rsi', (period) => peer.RSI.calculate({ period, values })),
    macd: () => peer.MACD.calculate({ values, fastPeriod: 12, slowPeriod: 26, signalPeriod: 9 }),
    stochastic: () => peer.Stochastic.calculate({ high, low, close, period: 14, signalPeriod: 3 }),
    ...windows([14, 21], 'williams', (period) => peer.WilliamsR.calculate({ period, high, low, close })),
    ...windows([14, 20], 'cci', (period) => peer.CCI.calculate({ period, high, low, close })),
    ...windows([1, 5, 10, 20], 'roc', (period) => peer.ROC.calculate({ period, values })),
    mfi: () => peer.MFI.calculate({ period: 14, high, low, close, volume }),
    ...windows([14, 21], 'adx', (period) => peer.ADX.calculate({ period, high, low, close })),
    ...windows([7, 14, 21], 'atr', (period) => peer.ATR.calculate({ period, high, low, close })),
    'true range': () => peer.TrueRange.calculate({ high, low, close }),
    ...windows([20, 50], 'bollinger', (period) => peer.BollingerBands.calculate({ period, values, stdDev: 2 })),
    obv: () => peer.OBV.calculate({ close, volume }),
    ad: () => peer.ADL.calculate({ high, low, close, volume }),
  }
}

function indicatorts(peer, { high, low, close, volume }) {
  return {
    ...windows([5, 10, 20, 50, 100, 200], 'sma', (period) => peer.sma(close, { period })),
    ...windows([5, 10, 20, 50, 100, 200], 'ema', (period) => peer.ema(close, { period })),
    ...windows([2, 7, 14, 21, 50], 'rsi', (period) => peer.rsi(close, { period })),
    macd: () => peer.macd(close, { fast: 12, slow: 26, signal: 9 }),
    stochastic: () => peer.stoch(high, low, close, { kPeriod: 14, dPeriod: 3 }),
    ...windows([14, 21], 'williams', (period) => peer.willr(high, low, close, { period })),
    ...windows([14, 20], 'cci', (period) => peer.cci(high, low, close, { period })),
    ...windows([1, 5, 10, 20], 'roc', (period) => peer.roc(close, { period })),
    mfi: () => peer.mfi(high, low, close, volume, { period: 14 }),
    ...windows([7, 14, 21], 'atr', (period) => peer.atr(high, low, close, { period })),
    'true range': () => peer.tr(high, low, close),
    ...windows([20, 50], 'bollinger', (period) => peer.bb(close, { period })),
    obv: () => peer.obv(close, volume),
    ad: () => peer.ad(high, low, close, volume),
    adosc: () => peer.cmo(high, low, close, volume, { fast: 3, slow: 10 }),
    ...windows([20, 50], 'min', (period) => peer.mmin(close, { period })),
    ...windows([20, 50], 'max', (period) => peer.mmax(close, { period })),
    'volume sum': () => peer.msum(volume, { period: 60 }),
    'typical price': () => peer.typprice(high, low, close),
  }
}

/** Made for one value at a time; a column is all of them in turn. */
function tradingSignals(peer, { open, high, low, close, volume }) {
  const candles = close.map((_, i) => ({
    open: open[i],
    high: high[i],
    low: low[i],
    close: close[i],
    volume: volume[i],
  }))
  const run = (indicator, values) => {
    const out = new Array(values.length)
    for (let i = 0; i < values.length; i++) out[i] = indicator.add(values[i])
    return out
  }
  const { EMA } = peer
  return {
    ...windows([5, 10, 20, 50, 100, 200], 'sma', (n) => run(new peer.SMA(n), close)),
    ...windows([5, 10, 20, 50, 100, 200], 'ema', (n) => run(new EMA(n), close)),
    ...windows([5, 10, 20, 50, 100, 200], 'wma', (n) => run(new peer.WMA(n), close)),
    ...windows([2, 7, 14, 21, 50], 'rsi', (n) => run(new peer.RSI(n), close)),
    macd: () => run(new peer.MACD(new EMA(12), new EMA(26), new EMA(9)), close),
    ...windows([14, 21], 'williams', (n) => run(new peer.WilliamsR(n), candles)),
    ...windows([14, 20], 'cci', (n) => run(new peer.CCI(n), candles)),
    ...windows([1, 5, 10, 20], 'roc', (n) => run(new peer.ROC(n), close)),
    mfi: () => run(new peer.MFI(14), candles),
    ...windows([14, 21], 'adx', (n) => run(new peer.ADX(n), candles)),
    ...windows([7, 14, 21], 'atr', (n) => run(new peer.ATR(n), candles)),
    'true range': () => run(new peer.TR(), candles),
    ...windows([20, 50], 'bollinger', (n) => run(new peer.BollingerBands(n, 2), close)),
    ad: () => run(new peer.AD(), candles),
  }
}

function windows(lengths, name, call) {
  return Object.fromEntries(lengths.map((n) => [`${name} ${n}`, () => call(n)]))
}

/** BENCH_PYTHON or the first Python that has pandas; Debian: apt-get install python3-pandas. */
function pandas(file, rows) {
  const candidates = [process.env.BENCH_PYTHON, 'python3', '/usr/bin/python3'].filter((name) => name !== undefined)
  const python = candidates.find((name) => spawnSync(name, ['-c', 'import pandas']).status === 0)
  if (python === undefined) {
    return { skipped: 'no Python with pandas was found: apt-get install python3-pandas, or BENCH_PYTHON' }
  }
  const script = fileURLToPath(new URL('features-pandas.py', import.meta.url))
  return JSON.parse(execFileSync(python, [script, file, String(rows)], { encoding: 'utf8', env: oneThread() }))
}

function oneThread() {
  return { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
}

const YARDSTICK = `
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int main(int argc, char **argv) {
  int n = atoi(argv[1]);
  double *x = malloc(n * sizeof *x), *out = malloc(n * sizeof *out), best = 1e9, kept = 0;
  for (int i = 0; i < n; i++) x[i] = 100 + (i * 7919 % 1000) * 0.01;
  for (int round = 0; round < 15; round++) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    double average = x[0];
    for (int i = 0; i < n; i++) { average += 0.1 * (x[i] - average); out[i] = average; }
    clock_gettime(CLOCK_MONOTONIC, &b);
    double ms = (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6;
    if (ms < best) best = ms;
    kept += out[n - 1];
  }
  printf("%.4f %d", best, kept > 0);
  return 0;
}`

/** Milliseconds of an exponential average in C, the least of 15; null without a compiler. */
export function yardstick(rows) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    const program = join(folder, 'yardstick')
    const compiled = spawnSync('cc', ['-O2', '-o', program, '-x', 'c', '-'], { input: YARDSTICK })
    return compiled.status === 0
      ? Number(execFileSync(program, [String(rows)], { encoding: 'utf8' }).split(' ')[0])
      : null
  } finally {
    rmSync(folder, { recursive: true })
  }
}
