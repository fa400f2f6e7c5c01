/** The two parts of a pair's predictions that are traded, each on an account of its own and never added up. */

type Column = Float64Array

const parts = {
  test: ({ fold }: { readonly fold: Column }, row: number) => fold[row] === 0,
  out_of_fold: ({ path }: { readonly path: Column }, row: number) => path[row] === 1,
} as const

export type TradedPart = keyof typeof parts
export const TRADED_PARTS = Object.keys(parts) as readonly TradedPart[]

export function isTraded(
  part: TradedPart,
  predictions: { readonly fold: Column; readonly path: Column },
  row: number,
): boolean {
  return parts[part](predictions, row)
}
