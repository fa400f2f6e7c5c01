import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src/core/errors.js'
import { openLibrary } from '../../src/models/native/library.js'
import { xgboost } from '../../src/models/xgboost.js'
import { fitOptions, sample } from './sample.js'

describe('the search for a native library', () => {
  it('tries only the file that the environment names, and says why it cannot be used', async () => {
    const environment = { SLUICE_XGBOOST_LIB: '/nowhere/libxgboost.so' }
    const missing = await openLibrary('xgboost', environment)
    if (missing.ok) throw new Error(`opened ${missing.path}`)
    expect(missing.tried.map((entry) => entry.path)).toEqual(['/nowhere/libxgboost.so'])
    expect(missing.reason).toContain('SLUICE_XGBOOST_LIB=/nowhere/libxgboost.so')
    expect(missing.hint).toContain('SLUICE_XGBOOST_LIB')
  })

  it('refuses a file that is no library, and a library that is another', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-library-'))
    writeFileSync(join(folder, 'libxgboost.so'), 'not a library')
    const text = await openLibrary('xgboost', { SLUICE_XGBOOST_LIB: join(folder, 'libxgboost.so') })
    expect(text.ok).toBe(false)
    rmSync(folder, { recursive: true })
    const system = process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6'
    const other = await openLibrary('xgboost', { SLUICE_XGBOOST_LIB: system })
    expect(other.ok).toBe(false)
    if (!other.ok) expect(other.reason).toContain('XGBoostVersion')
  })

  it('searches the usual places and names one command to type when nothing is there', async () => {
    const missing = await openLibrary('xgboost', {}, { systemNames: [], roots: ['/nowhere'] })
    if (missing.ok) throw new Error(`opened ${missing.path}`)
    expect(missing.tried).toEqual([])
    expect(missing.reason).toContain('was not found')
    expect(missing.hint).toMatch(
      /^type: (sudo )?(apt-get install libxgboost0|brew install xgboost|python3 -m pip install .*xgboost)$/,
    )
  })

  it('makes the model say that it is not available, and refuse to fit or load with the same reason', async () => {
    const environment = { SLUICE_XGBOOST_LIB: '/nowhere/libxgboost.so' }
    const availability = await xgboost.available(environment)
    expect(availability).toMatchObject({ ok: false, reason: expect.stringContaining('/nowhere/libxgboost.so') })
    const fitting = xgboost.fit(sample(1, 100), null, fitOptions({ environment }))
    await expect(fitting).rejects.toThrow(UserError)
    await expect(fitting).rejects.toThrow('/nowhere/libxgboost.so')
  })
})
