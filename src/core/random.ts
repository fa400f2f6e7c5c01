/**
 * Seeded chance: the only source of it. Streams are derived from names, so that adding one draw somewhere does not
 * shift the draws of everything after it.
 */

export interface Random {
  /** Uniform in [0, 1), 53 bits. */
  next(): number
  /** Standard normal. */
  normal(): number
  /** Uniform integer in [0, n). */
  below(n: number): number
}

/** xoshiro128** (Blackman & Vigna 2018), seeded by hashing `seed` and the stream's name with FNV-1a and SplitMix32. */
export function createRandom(seed: number, stream = ''): Random {
  let h = 0x811c9dc5 ^ (seed | 0)
  h = Math.imul(h ^ Math.floor(seed / 4294967296), 0x01000193)
  for (let i = 0; i < stream.length; i++) h = Math.imul(h ^ stream.charCodeAt(i), 0x01000193)
  const split = () => {
    h = (h + 0x9e3779b9) | 0
    let z = h
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  let a = split()
  let b = split()
  let c = split()
  let d = split()
  const next32 = () => {
    const r = Math.imul(b, 5)
    const result = Math.imul((r << 7) | (r >>> 25), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result
  }
  let spare = Number.NaN
  const next = () => ((next32() >>> 5) * 67108864 + (next32() >>> 6)) / 9007199254740992
  return {
    next,
    below: (n) => Math.floor(next() * n),
    normal() {
      // Marsaglia's polar method: two at a time, the second is kept.
      if (!Number.isNaN(spare)) {
        const kept = spare
        spare = Number.NaN
        return kept
      }
      let u: number
      let v: number
      let s: number
      do {
        u = 2 * next() - 1
        v = 2 * next() - 1
        s = u * u + v * v
      } while (s >= 1 || s === 0)
      const factor = Math.sqrt((-2 * Math.log(s)) / s)
      spare = v * factor
      return u * factor
    },
  }
}
