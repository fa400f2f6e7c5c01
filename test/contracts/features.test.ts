/**
 * The contract of a feature, for every entry of the registry and for planted leaks, which must break it.
 */
import { describe, expect, it } from 'vitest'
import { HOUR, timeframeMs } from '../../src/core/time.js'
import { defineFeature } from '../../src/features/feature.js'
import { featureInputs } from '../../src/features/inputs.js'
import { featureMatrix } from '../../src/features/matrix.js'
import { CORE, CORE_CONTEXT } from '../../src/features/presets.js'
import { FEATURES, featureRows } from '../../src/features/registry.js'
import { brokenRules, RULES, type Rule, type Subject, same, subjectOf } from '../features/contract.js'
import { knownBy, type Market, randomMarket } from '../features/market.js'

describe('every feature', () => {
  const made = (rows: number) => {
    const { decision, series } = randomMarket(rows, 3)
    const inputs = featureInputs(decision, series)
    return { inputs, pristine: structuredClone(inputs) }
  }
  const [usual, long] = [made(900), made(2400)] // 90 days are 2160 hours
  const { inputs } = usual
  for (const feature of FEATURES) {
    it(`${feature.name} ${RULES.join(', ')}`, () => {
      expect(brokenRules(subjectOf(feature))).toEqual([])
    })
    it(`${feature.name} uses every input it declares and writes to none`, () => {
      const { inputs, pristine } = feature.lookback(HOUR) < 800 ? usual : long
      const values = feature.compute(inputs)
      for (const name of feature.inputs) expect(same(inputs[name], pristine[name]), `${name} is unchanged`).toBe(true)
      for (const name of feature.inputs) {
        const unknown = { ...inputs, [name]: new Float64Array(inputs[name].length).fill(Number.NaN) }
        expect(same(feature.compute(unknown), values), `${name} makes a difference`).toBe(false)
        expect(values, `${name} is not handed out itself`).not.toBe(inputs[name])
      }
    })
  }

  it('sees the inputs that it declares and no others', () => {
    defineFeature({
      name: 'nosy',
      family: 'price',
      meaning: 'Looks beside its inputs.',
      inputs: ['close'],
      lookback: 0,
      timeframes: 'every',
      reference: 'none',
      compute(visible) {
        expect(Object.keys(visible).sort()).toEqual(['close', 'origin', 'rows', 'stepMs'])
        // @ts-expect-error: the compiler refuses what is not declared
        expect(visible.high).toBeUndefined()
        return visible.close
      },
    }).compute(inputs)
    expect.assertions(2)
  })

  it('has a snake_case name of its own and a meaning that is a sentence', () => {
    expect(new Set(FEATURES.map(({ name }) => name)).size).toBe(FEATURES.length)
    for (const { name, meaning, reference } of FEATURES) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/)
      expect(meaning).toMatch(/^.{10,}\.$/)
      expect(reference).not.toBe('')
    }
  })

  it('is named rightly in the presets', () => {
    const names = FEATURES.map(({ name }) => name)
    expect(CORE.filter((name) => !names.includes(name))).toEqual([])
    const everywhere = FEATURES.filter(({ timeframes }) => timeframes === 'every').map(({ name }) => name)
    expect(CORE_CONTEXT.filter((name) => !everywhere.includes(name))).toEqual([])
    expect(featureRows('5m')).toHaveLength(FEATURES.length)
  })
})

/** A column of the whole table as a subject; holes and beginnings are judged feature by feature above. */
function seesTheFuture(values: (market: Market) => Float32Array): boolean {
  const market = randomMarket(900, 5)
  const whole = values(market)
  return ![1, 4, 5, 6, 27, 200, 555, 721].every((rows) => same(values(knownBy(market, rows)), whole.subarray(0, rows)))
}

describe('every column of the table', () => {
  it('does not see the future, context timeframes included', () => {
    const table = (market: Market) => featureMatrix({ ...market, selection: { include: ['all'], exclude: [] } })
    const market = randomMarket(900, 5)
    const whole = table(market)
    expect(whole.absent).toEqual([])
    for (const rows of [300, 555, 721, 899]) {
      const part = table(knownBy(market, rows))
      for (const [i, name] of part.names.entries()) {
        const column = whole.columns[whole.names.indexOf(name)]
        expect(same(part.columns[i], column.subarray(0, rows)), `${name}, first ${rows} rows`).toBe(true)
      }
    }
  })
})

describe('the contract catches', () => {
  const facts = {
    family: 'price',
    meaning: 'A planted fault.',
    timeframes: 'every',
    reference: 'none',
    inputs: ['close'],
  } as const
  const fault = (lookback: number, compute: (close: Float64Array) => Float64Array): Subject =>
    subjectOf(defineFeature({ ...facts, name: 'fault', lookback, compute: ({ close }) => compute(close) }))
  const mean = (x: Float64Array) => x.reduce((sum, value) => sum + value, 0) / x.length

  const planted: { name: string; rule: Rule; subject: Subject }[] = [
    {
      name: 'the return of the next bar',
      rule: 'does not see the future',
      subject: fault(0, (close) => close.map((value, i) => (close[i + 1] ?? value) / value - 1)),
    },
    {
      name: 'a centred window',
      rule: 'does not see the future',
      subject: fault(2, (close) => close.map((_, i) => (i < 2 ? Number.NaN : mean(close.slice(i - 2, i + 3))))),
    },
    {
      name: 'a z-score over the whole series',
      rule: 'does not see the future',
      subject: fault(0, (close) => {
        const centre = mean(close)
        return close.map((value) => value - centre)
      }),
    },
    {
      name: 'a trace of the maximum over the whole series, in the last bits',
      rule: 'does not see the future',
      subject: fault(0, (close) => {
        const largest = close.reduce((a, b) => Math.max(a, b), 0)
        return close.map((value) => value + 1e-12 * largest)
      }),
    },
    {
      name: 'a last value carried over a hole',
      rule: 'looks across no hole',
      subject: fault(1, (close) => {
        let last = Number.NaN
        return close.map((value) => {
          const change = value / last - 1
          if (!Number.isNaN(value)) last = value
          return change
        })
      }),
    },
    {
      name: 'a running sum that is never refreshed',
      rule: 'does not depend on where the data begins',
      subject: fault(9, (close) => {
        let sum = 0
        return close.map((value, i) => {
          sum += value - (i >= 10 ? close[i - 10] : 0)
          return i < 9 ? Number.NaN : sum
        })
      }),
    },
    {
      name: 'a warm-up shorter than declared',
      rule: 'is silent exactly through its warm-up',
      subject: fault(2, (close) => close.map((value, i) => value / (close[i - 1] ?? Number.NaN))),
    },
  ]
  for (const { name, rule, subject } of planted) {
    it(name, () => expect(brokenRules(subject)).toContain(rule))
  }

  it('a hole of the market that is filled forward', () => {
    const strength = FEATURES.find(({ name }) => name === 'relative_strength_20') ?? expect.fail('no such feature')
    const filled = (market: Market) => {
      const inputs = featureInputs(market.decision, market.series)
      let last = Number.NaN
      const marketClose = inputs.marketClose.map((value) => {
        if (!Number.isNaN(value)) last = value
        return last
      })
      return strength.compute({ ...inputs, marketClose })
    }
    expect(brokenRules(subjectOf(strength))).toEqual([])
    expect(brokenRules({ ...subjectOf(strength), values: filled })).toEqual(['looks across no hole'])
  })

  it('a higher bar used before it has closed', () => {
    const honest = (market: Market) =>
      // With no bar closed yet the column is absent, which is as good as not known.
      featureMatrix({ ...market, selection: { include: ['return_4h'], exclude: [] } }).columns[0] ??
      new Float32Array(market.decision.rows).fill(Number.NaN)
    const early = (market: Market): Float32Array => {
      // Opens every context bar one bar earlier, which is the same as using it before its close.
      const context = market.context.map((bars) => {
        const step = timeframeMs(bars.timeframe)
        return { ...bars, openTime: bars.openTime.map((time) => time - step) }
      })
      return honest({ ...market, context })
    }
    expect(seesTheFuture(honest), 'the true join').toBe(false)
    expect(seesTheFuture(early), 'the planted one').toBe(true)
  })
})
