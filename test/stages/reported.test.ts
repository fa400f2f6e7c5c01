import { expect, it } from 'vitest'
import { SETTING_NAMES } from '../../src/config/settings.js'
import { REPORTED } from '../../src/stages/08-report.js'

/** Where the data came from stands in the lineage of the page; the rest changes no result. */
const ELSEWHERE = /^(?:exchange|download|run|certificate)\.|^data\.(?:pairs|from|to|months)$/

it('a report lists every setting on which its result depends', () => {
  const listed: readonly string[] = REPORTED
  expect(SETTING_NAMES.filter((name) => !ELSEWHERE.test(name) && !listed.includes(name))).toEqual([])
  expect(new Set(listed).size).toBe(listed.length)
})
