/** report.json is what its published schema says, with every kind of hole in it. */
import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { renderReport } from '../../src/report/render-report.js'
import { readReport, reportJsonSchema, reportSchema } from '../../src/report/schema/report.js'
import { type SampleOptions, sampleReportInput } from '../support/report-input.js'
import { chartRuntime } from './runtime.js'

type Tree = { [key: string]: unknown }

const CASES: readonly SampleOptions[] = [
  { days: 60 },
  { days: 60, approved: true, simulated: false },
  { days: 60, withoutFunding: true, tradesPerDay: 0, champion: false },
  { days: 3 },
]

const jsonOf = async (options: SampleOptions): Promise<Tree> =>
  JSON.parse(JSON.stringify((await renderReport(sampleReportInput(options), chartRuntime())).json))

describe('report.json', () => {
  it.each(CASES)('is what the schema says, with no field beside it: %o', async (options) => {
    const found = reportSchema.safeParse(await jsonOf(options))
    expect(found.error?.issues.slice(0, 3)).toBeUndefined()
  })
})

describe('what is not a report', () => {
  let whole: Tree
  beforeAll(async () => {
    whole = await jsonOf({ days: 60 })
  })

  it('is each report without one of its fields', () => {
    for (const key of Object.keys(whole)) {
      const { [key]: _, ...rest } = whole
      expect(reportSchema.safeParse(rest).success, key).toBe(false)
    }
    const test = whole.test as Tree
    for (const key of Object.keys(test).filter((name) => name !== 'feesByKind')) {
      const { [key]: _, ...rest } = test
      expect(reportSchema.safeParse({ ...whole, test: rest }).success, `test.${key}`).toBe(false)
    }
  })

  it('is one with another field, at any depth', () => {
    expect(reportSchema.safeParse({ ...whole, more: 1 }).success).toBe(false)
    const test = { ...(whole.test as Tree), stress: { ...((whole.test as Tree).stress as Tree), more: 1 } }
    expect(reportSchema.safeParse({ ...whole, test }).success).toBe(false)
  })

  it('of another version is unavailable, and says where it differs', () => {
    expect(readReport(JSON.stringify({ ...whole, schemaVersion: 2 }), 'x')).toEqual({
      unavailable: expect.stringMatching(/not written by this version of Sluice \(schemaVersion: /),
    })
    expect(readReport(JSON.stringify(whole), 'x')).toMatchObject({ pair: 'BTCUSDT' })
  })

  it('cut short is damaged, with a hint', () => {
    const text = JSON.stringify(whole)
    const error = caught(() => readReport(text.slice(0, text.length / 2), 'reports/x/report.json'))
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toContain('reports/x/report.json is damaged')
    expect((error as UserError).hint).toContain('delete its folder')
  })
})

describe('the published schema', () => {
  it('is standard JSON Schema that names every field of the page', () => {
    const schema = reportJsonSchema() as { $schema: string; required: string[]; properties: Tree }
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(schema.required).toEqual(Object.keys(reportSchema.shape))
  })

  it('lies in the reference', () => {
    const path = 'docs/reference/report.schema.json'
    expect(existsSync(path)).toBe(true)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())))
  })
})

function caught(work: () => unknown): unknown {
  try {
    work()
  } catch (thrown) {
    return thrown
  }
  return undefined
}
