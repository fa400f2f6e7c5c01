/**
 * XGBoost as three classes that own what the library allocates. Tables are handed over as an address in NumPy's array-interface notation,
 * so no value is copied on this side of the border.
 */

import { assert, messageOf, UserError } from '../../core/errors.js'
import type { Environment, Matrix } from '../model.js'
import { type MissingLibrary, openLibrary } from './library.js'
import { type Bindings, bind, type Pointer } from './xgboost-bindings.js'

type Koffi = typeof import('koffi').default

const oldest = [1, 7] as const

const opened = new Map<string, Promise<{ ok: true; library: Xgboost } | MissingLibrary>>()

/** The library of this process; found, opened and checked once per value of `SLUICE_XGBOOST_LIB`. */
export function openXgboost(environment: Environment): Promise<{ ok: true; library: Xgboost } | MissingLibrary> {
  const key = environment.SLUICE_XGBOOST_LIB ?? ''
  const known = opened.get(key)
  if (known !== undefined) return known
  const opening = open(environment)
  opened.set(key, opening)
  return opening
}

async function open(environment: Environment): Promise<{ ok: true; library: Xgboost } | MissingLibrary> {
  const found = await openLibrary('xgboost', environment)
  if (!found.ok) return found
  const { default: koffi } = await import('koffi')
  const refuse = (reason: string): MissingLibrary => ({
    ok: false,
    tried: [{ path: found.path, reason }],
    reason: `XGBoost at ${found.path} cannot be used: ${reason}`,
    hint: 'install XGBoost 1.7 or newer, or point SLUICE_XGBOOST_LIB at one',
  })
  try {
    const library = new Xgboost(koffi, bind(found.handle), found.path)
    const [major = 0, minor = 0] = library.version.split('.').map(Number)
    if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
      return refuse(`it is version ${library.version}, oldest that works is ${oldest.join('.')}`)
    }
    return { ok: true, library }
  } catch (thrown) {
    return refuse(messageOf(thrown)) // A binding is missing: the file is not a whole XGBoost.
  }
}

/** The opened library. Calls are synchronous and one at a time, so the places for results are shared by all of them. */
export class Xgboost {
  readonly version: string
  readonly path: string
  readonly c: Bindings
  readonly #koffi: Koffi
  readonly shape = new BigUint64Array(1)
  readonly count = new BigUint64Array(1)
  readonly pointer = new BigUint64Array(1)
  /** `pointer` in halves: reading it as one number would make a new one each time. */
  readonly #address = new Uint32Array(this.pointer.buffer)
  #view = new Float32Array(0)
  #low = 0
  #high = 0

  constructor(koffi: Koffi, bindings: Bindings, path: string) {
    this.#koffi = koffi
    this.c = bindings
    this.path = path
    const [major, minor, patch] = [new Int32Array(1), new Int32Array(1), new Int32Array(1)]
    bindings.XGBoostVersion(major, minor, patch)
    this.version = `${major[0]}.${minor[0]}.${patch[0]}`
    // Warnings would land in the middle of progress lines. The setting is one per thread, as this object is.
    this.check(bindings.XGBSetGlobalConfig('{"verbosity":0}'), 'XGBSetGlobalConfig')
  }

  /** @throws UserError with what the library says, without its clock time and stack */
  check(status: number, name: string): void {
    if (status === 0) return
    const said = this.c.XGBGetLastError().split('\n', 1)[0] ?? ''
    throw new UserError(`XGBoost ${this.version}: ${name} failed: ${said.replace(/^\[[\d:]+\] /, '')}`, {
      hint: 'if memory is short, take fewer features or a shorter span; else this model or library is damaged',
    })
  }

  /** The table in array-interface notation. The array must stay alive, and in place, while the library reads it. */
  describe(values: Float32Array, shape: readonly number[]): string {
    const address = this.#koffi.address(values)
    return `{"data":[${address},true],"shape":[${shape.join(',')}],"strides":null,"typestr":"<f4","version":3}`
  }

  /** What `pointer` points at now, as text up to its NUL. */
  text(): string {
    return this.#koffi.decode.string(this.pointer[0])
  }

  /** A view, not a copy, of `bytes` bytes at `pointer`: valid until the next call into the library. */
  bytes(bytes: number): ArrayBuffer {
    return this.viewOf(this.pointer[0], bytes)
  }

  /** The same as numbers. The library answers at one place as long as the number of scores stays, so the view is made once. */
  scores(count: number): Float32Array {
    const [low, high] = this.#address
    if (this.#view.length !== count || low !== this.#low || high !== this.#high) {
      this.#view = new Float32Array(this.bytes(count * 4))
      this.#low = low
      this.#high = high
    }
    return this.#view
  }

  viewOf(address: Pointer, bytes: number): ArrayBuffer {
    return this.#koffi.view(address, bytes)
  }

  /** The handle that the last call wrote to `pointer`. */
  handle(): Pointer {
    const handle = this.pointer[0]
    assert(handle !== undefined && handle !== 0n, 'the library gave no handle')
    return handle
  }
}

/** The library's own copy of a table: 8 bytes per known value, which is why prediction goes without one. */
export class NativeMatrix {
  readonly #library: Xgboost
  #handle: Pointer

  constructor(library: Xgboost, x: Matrix, threads: number) {
    const values = library.describe(x.values, [x.rows, x.columns])
    const { c, pointer } = library
    const status = c.XGDMatrixCreateFromDense(values, `{"missing":NaN,"nthread":${threads}}`, pointer)
    library.check(status, 'XGDMatrixCreateFromDense')
    this.#library = library
    this.#handle = library.handle()
  }

  get handle(): Pointer {
    assert(this.#handle !== 0n, 'this matrix is closed')
    return this.#handle
  }

  set(field: 'label' | 'weight', values: Float32Array): void {
    const { c } = this.#library
    const status = c.XGDMatrixSetInfoFromInterface(this.handle, field, this.#library.describe(values, [values.length]))
    this.#library.check(status, 'XGDMatrixSetInfoFromInterface')
  }

  /** Per column `q`, a quantity, or `c`, the code of a category. */
  setFeatureTypes(types: readonly string[]): void {
    const status = this.#library.c.XGDMatrixSetStrFeatureInfo(this.handle, 'feature_type', types, types.length)
    this.#library.check(status, 'XGDMatrixSetStrFeatureInfo')
  }

  close(): void {
    if (this.#handle === 0n) return
    this.#library.check(this.#library.c.XGDMatrixFree(this.#handle), 'XGDMatrixFree')
    this.#handle = 0n
  }
}

const marginConfig =
  '{"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true,"missing":NaN,"cache_id":0}'
const contributionConfig = '{"type":2,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":true}'

/** A booster and its row for single predictions. */
export class Booster {
  readonly #library: Xgboost
  #handle: Pointer
  #row = new Float32Array(0)
  #rowText = ''

  private constructor(library: Xgboost, handle: Pointer) {
    this.#library = library
    this.#handle = handle
  }

  /** An untrained booster that keeps the running predictions of `matrices`. */
  static create(library: Xgboost, matrices: readonly NativeMatrix[]): Booster {
    const handles = BigUint64Array.from(matrices, (matrix) => matrix.handle)
    library.check(library.c.XGBoosterCreate(handles, handles.length, library.pointer), 'XGBoosterCreate')
    return new Booster(library, library.handle())
  }

  static load(library: Xgboost, model: Uint8Array): Booster {
    const booster = Booster.create(library, [])
    try {
      const status = library.c.XGBoosterLoadModelFromBuffer(booster.#handle, model, model.length)
      library.check(status, 'XGBoosterLoadModelFromBuffer')
    } catch (thrown) {
      booster.close()
      throw thrown
    }
    return booster
  }

  get handle(): Pointer {
    assert(this.#handle !== 0n, 'this booster is closed')
    return this.#handle
  }

  setParameter(name: string, value: string | number): void {
    this.#library.check(this.#library.c.XGBoosterSetParam(this.handle, name, String(value)), 'XGBoosterSetParam')
  }

  describeFeatures(field: 'feature_name' | 'feature_type', texts: readonly string[]): void {
    const status = this.#library.c.XGBoosterSetStrFeatureInfo(this.handle, field, texts, texts.length)
    this.#library.check(status, 'XGBoosterSetStrFeatureInfo')
  }

  /** One more round of boosting; `round` counts from 0. */
  update(round: number, train: NativeMatrix): void {
    const status = this.#library.c.XGBoosterUpdateOneIter(this.handle, round, train.handle)
    this.#library.check(status, 'XGBoosterUpdateOneIter')
  }

  /** The last metric of each matrix, read from the library's line "[3]\tm0-mlogloss:1.08\tm1-mlogloss:1.09". */
  evaluate(round: number, matrices: readonly NativeMatrix[]): number[] {
    const { c, pointer } = this.#library
    const handles = BigUint64Array.from(matrices, (matrix) => matrix.handle)
    const names = matrices.map((_, i) => `m${i}`)
    const status = c.XGBoosterEvalOneIter(this.handle, round, handles, names, handles.length, pointer)
    this.#library.check(status, 'XGBoosterEvalOneIter')
    const values = this.#library.text().split('\t').slice(1)
    assert(values.length === matrices.length, `${values.length} metrics for ${matrices.length} matrices`)
    return values.map((entry) => Number(entry.slice(entry.lastIndexOf(':') + 1)))
  }

  /** A new booster of the first `rounds` rounds. */
  slice(rounds: number): Booster {
    const { c, pointer } = this.#library
    this.#library.check(c.XGBoosterSlice(this.handle, 0, rounds, 1, pointer), 'XGBoosterSlice')
    return new Booster(this.#library, this.#library.handle())
  }

  /** Raw scores straight from the table, without a NativeMatrix. A view: copy before the next call. [rows × outputs] */
  margins(x: Matrix, outputs: number): Float32Array {
    const { c, shape, count, pointer } = this.#library
    const text = x.rows === 1 ? this.#describeRow(x) : this.#library.describe(x.values, [x.rows, x.columns])
    const status = c.XGBoosterPredictFromDense(this.handle, text, marginConfig, null, shape, count, pointer)
    this.#library.check(status, 'XGBoosterPredictFromDense')
    return this.#library.scores(x.rows * outputs)
  }

  /**
   * How many scores the library really gives for a row: a damaged file can make it another number than the trees say.
   *
   * @returns NaN if it gives none
   */
  outputs(columns: number): number {
    const row = { rows: 1, columns, values: new Float32Array(columns).fill(Number.NaN) }
    this.margins(row, 0)
    const { count, shape } = this.#library
    const sizes = new BigUint64Array(this.#library.viewOf(shape[0], Number(count[0]) * 8))
    return sizes.length === 2 && sizes[0] === 1n ? Number(sizes[1]) : Number.NaN
  }

  /** TreeSHAP values. A view: copy before the next call. [rows × outputs × (columns + 1)] */
  contributions(matrix: NativeMatrix, x: Matrix, outputs: number): Float32Array {
    const { c, shape, count, pointer } = this.#library
    const status = c.XGBoosterPredictFromDMatrix(this.handle, matrix.handle, contributionConfig, shape, count, pointer)
    this.#library.check(status, 'XGBoosterPredictFromDMatrix')
    return new Float32Array(this.#library.bytes(x.rows * outputs * (x.columns + 1) * 4))
  }

  /** The whole model as JSON text. */
  save(): Uint8Array {
    const { c, count, pointer } = this.#library
    const status = c.XGBoosterSaveModelToBuffer(this.handle, '{"format":"json"}', count, pointer)
    this.#library.check(status, 'XGBoosterSaveModelToBuffer')
    return new Uint8Array(this.#library.bytes(Number(count[0]))).slice()
  }

  close(): void {
    if (this.#handle === 0n) return
    this.#library.check(this.#library.c.XGBoosterFree(this.#handle), 'XGBoosterFree')
    this.#handle = 0n
  }

  /** A single row is copied to one fixed place, so that its description need not be written anew each time. */
  #describeRow(x: Matrix): string {
    if (this.#row.length !== x.columns) {
      this.#row = new Float32Array(x.columns)
      this.#rowText = this.#library.describe(this.#row, [1, x.columns])
    }
    this.#row.set(x.values)
    return this.#rowText
  }
}
