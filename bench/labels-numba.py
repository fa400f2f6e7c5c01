"""
The label types of labels.mjs as straight loops compiled by numba: every event walks its bars until its label is known. One thread,
compiled before it is timed.

    python3 labels-numba.py FILE BARS EVENTS HORIZON    FILE: open, high, low, close as float64, one after the other

Prints JSON: versions, and for each pair of barriers milliseconds (median, least, most of 15 runs), milliseconds of CPU a run, and a
sum over the labels of each type, by which they are compared.
"""
import json
import sys
import time

import numba
import numpy as np

path, bars, events, horizon = sys.argv[1], *map(int, sys.argv[2:5])
open_, high, low, close = np.fromfile(path, dtype=np.float64).reshape(4, bars)


@numba.njit
def binary(open_, high, low, close, events, horizon, profit, stop):
    out = np.full(events, np.nan)
    for row in range(events):
        entry = open_[row + 1]
        up, down = entry * (1 + profit), entry * (1 - stop)
        for i in range(row + 1, row + horizon):
            if low[i] <= down:
                out[row] = 0
                break
            if high[i] >= up:
                out[row] = 1
                break
    return out


@numba.njit
def race(open_, high, low, row, horizon, profit, stop):
    """Both sides in one walk: 1 the long wins, -1 the short, 0 neither."""
    entry = open_[row + 1]
    long_up, long_down = entry * (1 + profit), entry * (1 - stop)
    short_down, short_up = entry * (1 - profit), entry * (1 + stop)
    long_lives, short_lives = True, True
    for i in range(row + 1, row + horizon):
        if long_lives:
            if low[i] <= long_down:
                long_lives = False
            elif high[i] >= long_up:
                return 1
        if short_lives:
            if high[i] >= short_up:
                short_lives = False
            elif low[i] <= short_down:
                return -1
        if not long_lives and not short_lives:
            return 0
    return 0


@numba.njit
def ternary(open_, high, low, close, events, horizon, profit, stop):
    out = np.empty(events)
    for row in range(events):
        out[row] = race(open_, high, low, row, horizon, profit, stop)
    return out


@numba.njit
def direction(open_, high, low, close, events, horizon, profit, stop):
    """With the outcome of the race beside it, as in ours."""
    out = np.empty(events)
    outcome = np.empty(events)
    for row in range(events):
        outcome[row] = race(open_, high, low, row, horizon, profit, stop)
        entry, last = open_[row + 1], close[row + horizon - 1]
        out[row] = 1 if last > entry * (1 + 0.01) else -1 if last < entry * (1 - 0.01) else 0
    return out


@numba.njit
def regression(open_, high, low, close, events, horizon, profit, stop):
    out = np.empty(events)
    outcome = np.empty(events)
    for row in range(events):
        outcome[row] = race(open_, high, low, row, horizon, profit, stop)
        out[row] = max(-profit, min(profit, close[row + horizon - 1] / open_[row + 1] - 1))
    return out


@numba.njit
def volatility(open_, high, low, close, events, horizon, profit, stop):
    squares = np.zeros(len(close))
    for i in range(1, len(close)):
        squares[i] = np.log(close[i] / close[i - 1]) ** 2
    out = np.empty(events)
    outcome = np.empty(events)
    for row in range(events):
        outcome[row] = race(open_, high, low, row, horizon, profit, stop)
        total = np.log(close[row + 1] / open_[row + 1]) ** 2
        for i in range(row + 2, row + horizon):
            total += squares[i]
        out[row] = np.sqrt(total)
    return out


@numba.njit
def meta(open_, high, low, close, events, horizon, profit, stop):
    out = np.empty(events)
    for row in range(events):
        side = 1 if row % 2 == 0 else -1
        out[row] = 1 if race(open_, high, low, row, horizon, profit, stop) == side else 0
    return out


def measured(kernel, profit, stop):
    call = lambda: kernel(open_, high, low, close, events, horizon, profit, stop)
    call()
    times = []
    cpu = time.process_time()
    for _ in range(15):
        start = time.perf_counter()
        out = call()
        times.append((time.perf_counter() - start) * 1000)
    cpu = (time.process_time() - cpu) * 1000 / 15
    times.sort()
    return {"cpu": cpu, "median": times[7], "least": times[0], "most": times[-1], "sum": float(np.nansum(out))}


kernels = (binary, ternary, direction, regression, volatility, meta)
print(json.dumps({
    "version": f"numba {numba.__version__}, NumPy {np.__version__}",
    "runs": [{kernel.__name__: measured(kernel, profit, stop) for kernel in kernels} for profit, stop in ((0.02, 0.01), (0.2, 0.1))],
}))
