/*
 * The columns of feature-columns.mjs by TA-Lib's C library, for talib-peer.mjs. Warm: every output array is there and was
 * written to before. What one call of TA-Lib makes together and ours makes in two, as Aroon up and down, counts half for each.
 *
 *     features-talib FILE ROWS     FILE: open, high, low, close, volume as float64, one after the other
 *
 * Prints JSON: version, and milliseconds of CPU of each column, the least of six runs: ours
 * is timed by the clock.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ta_libc.h"

#define RUNS 6

static int first, count; /* where TA-Lib says that its outputs begin, and how many there are */
static int printed = 0;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void print(const char *name, double ms) {
  printf("%s\"%s\":%.4f", printed++ ? "," : "", name, ms);
}

/* The least time of `call`, an expression or block that sets `status`. */
#define LEAST(ms, ...)                                           \
  double ms = 1e9;                                               \
  for (int run = 0; run < RUNS; run++) {                         \
    double start = now();                                        \
    TA_RetCode status = TA_SUCCESS;                              \
    __VA_ARGS__;                                                 \
    double took = now() - start;                                 \
    if (status != TA_SUCCESS) {                                  \
      fprintf(stderr, "TA-Lib answered %d at line %d\n", status, __LINE__); \
      exit(1);                                                   \
    }                                                            \
    if (took < ms) ms = took;                                    \
  }

#define COLUMN(name, ...)    \
  {                          \
    LEAST(ms, __VA_ARGS__)   \
    print(name, ms);         \
  }

/* A column for each window, named "base window"; `w` is the window. */
#define WINDOWS(base, call, ...)                                        \
  {                                                                     \
    const int windows[] = {__VA_ARGS__};                                \
    for (size_t k = 0; k < sizeof windows / sizeof *windows; k++) {     \
      const int w = windows[k];                                         \
      char name[40];                                                    \
      snprintf(name, sizeof name, base " %d", w);                       \
      COLUMN(name, call)                                                \
    }                                                                   \
  }

static double *column(int n) {
  double *x = malloc(n * sizeof *x);
  if (x == NULL) exit(1);
  memset(x, 1, n * sizeof *x);
  return x;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  const int n = atoi(argv[2]), last = n - 1;
  double *all = column(5 * n), *a = column(n), *b = column(n), *c = column(n);
  FILE *file = fopen(argv[1], "rb");
  if (file == NULL || fread(all, sizeof *all, 5 * n, file) != (size_t)(5 * n)) return 2;
  fclose(file);
  const double *high = all + n, *low = all + 2 * n, *close = all + 3 * n, *volume = all + 4 * n;
  /* The inputs of these two columns begin with the second bar: TA-Lib carries a NaN on for ever. */
  double *returns = column(n), *change = column(n);
  for (int i = 1; i < n; i++) {
    returns[i - 1] = log(close[i] / close[i - 1]);
    change[i - 1] = volume[i] - volume[i - 1];
  }
  TA_Initialize();
  printf("{\"version\":\"%s.%s.%s\",\"ms\":{", TA_GetVersionMajor(), TA_GetVersionMinor(), TA_GetVersionBuild());

  WINDOWS("sma", status = TA_SMA(0, last, close, w, &first, &count, a), 5, 10, 20, 50, 100, 200)
  WINDOWS("ema", status = TA_EMA(0, last, close, w, &first, &count, a), 5, 10, 20, 50, 100, 200)
  WINDOWS("wma", status = TA_WMA(0, last, close, w, &first, &count, a), 5, 10, 20, 50, 100, 200)
  WINDOWS("rsi", status = TA_RSI(0, last, close, w, &first, &count, a), 2, 7, 14, 21, 50)
  COLUMN("macd", status = TA_MACD(0, last, close, 12, 26, 9, &first, &count, a, b, c))
  COLUMN("stochastic", status = TA_STOCH(0, last, high, low, close, 14, 3, TA_MAType_SMA, 3, TA_MAType_SMA, &first, &count, a, b))
  WINDOWS("williams", status = TA_WILLR(0, last, high, low, close, w, &first, &count, a), 14, 21)
  WINDOWS("cci", status = TA_CCI(0, last, high, low, close, w, &first, &count, a), 14, 20)
  WINDOWS("roc", status = TA_ROCP(0, last, close, w, &first, &count, a), 1, 5, 10, 20)
  COLUMN("mfi", status = TA_MFI(0, last, high, low, close, volume, 14, &first, &count, a))
  WINDOWS("adx", {
    status = TA_PLUS_DI(0, last, high, low, close, w, &first, &count, a);
    status |= TA_MINUS_DI(0, last, high, low, close, w, &first, &count, b);
    status |= TA_ADX(0, last, high, low, close, w, &first, &count, c);
  }, 14, 21)
  LEAST(aroon, status = TA_AROON(0, last, high, low, 25, &first, &count, a, b))
  print("aroon up", aroon / 2);
  print("aroon down", aroon / 2);
  WINDOWS("atr", status = TA_ATR(0, last, high, low, close, w, &first, &count, a), 7, 14, 21)
  COLUMN("true range", status = TA_TRANGE(0, last, high, low, close, &first, &count, a))
  WINDOWS("bollinger", status = TA_BBANDS(0, last, close, w, 2, 2, TA_MAType_SMA, &first, &count, a, b, c), 20, 50)
  COLUMN("obv", status = TA_OBV(0, last, close, volume, &first, &count, a))
  COLUMN("ad", status = TA_AD(0, last, high, low, close, volume, &first, &count, a))
  COLUMN("adosc", status = TA_ADOSC(0, last, high, low, close, volume, 3, 10, &first, &count, a))
  WINDOWS("std", status = TA_STDDEV(0, last - 1, returns, w, 1, &first, &count, a), 10, 20, 30)
  COLUMN("correlation", status = TA_CORREL(0, last - 1, change, returns, 20, &first, &count, a))
  WINDOWS("min", status = TA_MIN(0, last, close, w, &first, &count, a), 20, 50)
  WINDOWS("max", status = TA_MAX(0, last, close, w, &first, &count, a), 20, 50)
  COLUMN("volume sum", status = TA_SUM(0, last, volume, 60, &first, &count, a))
  COLUMN("log return", {
    status = TA_DIV(0, last - 1, close + 1, close, &first, &count, a);
    status |= TA_LN(0, last - 1, a, &first, &count, b);
  })
  COLUMN("typical price", status = TA_TYPPRICE(0, last, high, low, close, &first, &count, a))
  printf("}}\n");
  return 0;
}
