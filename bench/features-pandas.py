"""
The columns of feature-columns.mjs in tuned pandas and NumPy, for features.mjs: running sums, ewm, strides; no loop over rows, no
apply. Averages start where pandas starts them, with the first value: the work is the same, the first values are not.

    python3 features-pandas.py FILE ROWS     FILE: open, high, low, close, volume as float64, one after the other

Prints JSON: versions, and milliseconds of CPU of each column, the least of five runs: what others do on the machine is not
counted, while ours is timed by the clock.
"""
import json
import sys
import time

import numpy as np
import pandas as pd

path, rows = sys.argv[1], int(sys.argv[2])
open_, high, low, close, volume = np.fromfile(path, dtype=np.float64).reshape(5, rows)
series = {name: pd.Series(x) for name, x in (("high", high), ("low", low), ("close", close))}


def total(x, n):
    sums = np.cumsum(x)
    out = np.full(len(x), np.nan)
    out[n - 1] = sums[n - 1]
    out[n:] = sums[n:] - sums[:-n]
    return out


def mean(x, n):
    return total(x, n) / n


def ewm(x, **weight):
    return pd.Series(x).ewm(adjust=False, **weight).mean().to_numpy()


def wma(x, n):
    index = np.arange(len(x), dtype=np.float64)
    centred = x - x[0]
    newest = total(centred * index, n) - (index - n) * total(centred, n)
    return x[0] + newest / (n * (n + 1) / 2)


def moments(x, n):
    centred = x - np.nanmean(x)
    first = total(centred, n) / n
    return first + np.nanmean(x), np.maximum(0, total(centred * centred, n) / n - first * first)


def std(x, n):
    return np.sqrt(moments(x, n)[1] * n / (n - 1))


def bollinger(x, n):
    middle, variance = moments(x, n)
    deviation = np.sqrt(variance)
    return middle + 2 * deviation, middle, middle - 2 * deviation


def difference(x, n=1):
    out = np.full(len(x), np.nan)
    out[n:] = x[n:] - x[:-n]
    return out


def change(x, n):
    out = np.full(len(x), np.nan)
    out[n:] = x[n:] / x[:-n] - 1
    return out


def log_return(x):
    out = np.full(len(x), np.nan)
    out[1:] = np.diff(np.log(x))
    return out


def rsi(x, n):
    moved = np.diff(x)
    up = ewm(np.maximum(moved, 0), alpha=1 / n)
    down = ewm(np.maximum(-moved, 0), alpha=1 / n)
    return 100 * up / (up + down)


def macd(x):
    line = ewm(x, span=12) - ewm(x, span=26)
    signal = ewm(line, span=9)
    return line, signal, line - signal


def largest(name, n):
    return series[name].rolling(n).max().to_numpy()


def smallest(name, n):
    return series[name].rolling(n).min().to_numpy()


def stochastic(n):
    bottom = smallest("low", n)
    fast = 100 * (close - bottom) / (largest("high", n) - bottom)
    return np.nan_to_num(fast)


def stochastic_lines(n):
    k = mean(stochastic(n), 3)
    return k, mean(k, 3)


def williams(n):
    top = largest("high", n)
    return -100 * (top - close) / (top - smallest("low", n))


def typical():
    return (high + low + close) / 3


def cci(n):
    price = typical()
    middle = mean(price, n)
    windows = np.lib.stride_tricks.sliding_window_view(price, n)
    out = np.full(rows, np.nan)
    spread = np.abs(windows - middle[n - 1 :, None]).mean(axis=1)
    out[n - 1 :] = (price - middle)[n - 1 :] / (0.015 * spread)
    return out


def mfi(n):
    price = typical()
    flow = price * volume
    moved = difference(price)
    up = total(np.where(moved > 0, flow, 0), n)
    return 100 * up / total(np.where(moved != 0, flow, 0), n)


def true_range():
    before = np.empty(rows)
    before[0] = np.nan
    before[1:] = close[:-1]
    return np.maximum(high, before) - np.minimum(low, before)


def atr(n):
    return ewm(true_range()[1:], alpha=1 / n)


def adx(n):
    up, down = difference(high)[1:], -difference(low)[1:]
    spread = atr(n)
    plus = 100 * ewm(np.where((up > down) & (up > 0), up, 0), alpha=1 / n) / spread
    minus = 100 * ewm(np.where((down > up) & (down > 0), down, 0), alpha=1 / n) / spread
    return plus, minus, ewm(100 * np.abs(plus - minus) / (plus + minus), alpha=1 / n)


def aroon(x, n, newest):
    windows = np.lib.stride_tricks.sliding_window_view(x, n + 1)[:, ::-1]
    return 100 * (n - newest(windows, axis=1)) / n


def obv():
    return np.cumsum(np.sign(np.diff(close)) * volume[1:])


def distribution():
    spread = high - low
    return np.cumsum(np.where(spread > 0, (2 * close - low - high) / np.where(spread > 0, spread, 1) * volume, 0))


def adosc():
    line = distribution()
    return ewm(line, span=3) - ewm(line, span=10)


def correlation(x, y, n):
    x, y = np.nan_to_num(x), np.nan_to_num(y)
    mx, my = mean(x, n), mean(y, n)
    xx = mean(x * x, n) - mx * mx
    yy = mean(y * y, n) - my * my
    return (mean(x * y, n) - mx * my) / np.sqrt(xx * yy)


returns = log_return(close)
volume_change = difference(volume)

PANDAS = {
    **{f"sma {n}": lambda n=n: mean(close, n) for n in (5, 10, 20, 50, 100, 200)},
    **{f"ema {n}": lambda n=n: ewm(close, span=n) for n in (5, 10, 20, 50, 100, 200)},
    **{f"wma {n}": lambda n=n: wma(close, n) for n in (5, 10, 20, 50, 100, 200)},
    **{f"rsi {n}": lambda n=n: rsi(close, n) for n in (2, 7, 14, 21, 50)},
    "macd": lambda: macd(close),
    "stochastic": lambda: stochastic_lines(14),
    **{f"williams {n}": lambda n=n: williams(n) for n in (14, 21)},
    **{f"cci {n}": lambda n=n: cci(n) for n in (14, 20)},
    **{f"roc {n}": lambda n=n: change(close, n) for n in (1, 5, 10, 20)},
    "mfi": lambda: mfi(14),
    **{f"adx {n}": lambda n=n: adx(n) for n in (14, 21)},
    "aroon up": lambda: aroon(high, 25, np.argmax),
    "aroon down": lambda: aroon(low, 25, np.argmin),
    **{f"atr {n}": lambda n=n: atr(n) for n in (7, 14, 21)},
    "true range": true_range,
    **{f"bollinger {n}": lambda n=n: bollinger(close, n) for n in (20, 50)},
    "obv": obv,
    "ad": distribution,
    "adosc": adosc,
    **{f"std {n}": lambda n=n: std(returns, n) for n in (10, 20, 30)},
    "correlation": lambda: correlation(volume_change, returns, 20),
    **{f"min {n}": lambda n=n: smallest("close", n) for n in (20, 50)},
    **{f"max {n}": lambda n=n: largest("close", n) for n in (20, 50)},
    "volume sum": lambda: total(volume, 60),
    "log return": lambda: log_return(close),
    "typical price": typical,
}


def least(call):
    times = []
    for _ in range(6):
        start = time.thread_time()
        call()
        times.append(1000 * (time.thread_time() - start))
    return min(times[1:])


def measured(columns):
    with np.errstate(all="ignore"):
        return {name: least(call) for name, call in columns.items()}


print(json.dumps({"version": f"{pd.__version__}, NumPy {np.__version__}", "ms": measured(PANDAS)}))
