/*
 * The limit for bench/backtest.mjs: the same strategy as a plain loop in C, with stop, profit, horizon, latency of a bar, fee and an
 * equity curve, and without anything that makes an engine (funding, margin, slippage models, partial fills, a list of trades).
 *
 *     backtest-loop FILE ROWS     open, high, low, close, side as float64, one after the other -> {"median", "least", "most": ms of 15 runs, "trades", "equity"}
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 15

static int ascending(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return d < 0 ? -1 : d > 0;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static long walk(long n, const double *x, double *equity) {
  const double *open = x, *high = x + n, *low = x + 2 * n, *close = x + 3 * n, *side = x + 4 * n;
  const double fee = 0.0005, stop = 0.01, profit = 0.02, risk = 0.005;
  double cash = 10000, quantity = 0, lose = 0, win = 0;
  long trades = 0, end = 0, from = -1;
  int held = 0, wanted = 0;
  for (long i = 0; i < n; i++) {
    if (from == i) {
      double size = risk * cash / (stop * open[i]), most = cash / open[i];
      held = wanted;
      quantity = held * (size < most ? size : most);
      cash -= quantity * open[i] + held * quantity * open[i] * fee;
      lose = open[i] * (1 - held * stop);
      win = open[i] * (1 + held * profit);
      from = -1;
      trades++;
    }
    if (held != 0) {
      double price = 0;
      if (held > 0 ? low[i] <= lose : high[i] >= lose) price = (held > 0 ? open[i] < lose : open[i] > lose) ? open[i] : lose;
      else if (held > 0 ? high[i] >= win : low[i] <= win) price = win;
      else if (i + 1 >= end) price = close[i];
      if (price > 0) {
        cash += quantity * price - held * quantity * price * fee;
        quantity = 0;
        held = 0;
      }
    }
    equity[i] = cash + quantity * close[i];
    if (held == 0 && from < 0 && side[i] != 0) {
      wanted = side[i] > 0 ? 1 : -1;
      from = i + 2;
      end = i + 1 + 240;
    }
  }
  return trades;
}

int main(int count, char **words) {
  long n = count > 2 ? atol(words[2]) : 0, trades = 0;
  FILE *file = n > 0 ? fopen(words[1], "rb") : NULL;
  double *x = malloc(5 * n * sizeof *x), *equity = malloc(n * sizeof *equity), took[RUNS];
  if (file == NULL || fread(x, sizeof *x, 5 * n, file) != (size_t)(5 * n)) return 1;
  for (int run = 0; run < RUNS; run++) {
    double begun = now();
    trades = walk(n, x, equity);
    took[run] = now() - begun;
  }
  qsort(took, RUNS, sizeof *took, ascending);
  printf("{\"median\": %.6f, \"least\": %.6f, \"most\": %.6f, \"trades\": %ld, \"equity\": %.6f}\n", took[RUNS / 2], took[0],
         took[RUNS - 1], trades, equity[n - 1]);
  return 0;
}
