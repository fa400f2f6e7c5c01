/**
 * LightGBM as three classes that own what the library allocates. Tables are handed over where they lie, row-major float32; the library
 * bins them into a table of its own, and predicts straight from ours.
 */

import { assert, messageOf, UserError } from '../../core/errors.js'
import type { Environment, Matrix } from '../model.js'
import { type MissingLibrary, openLibrary } from './library.js'
import { type Bindings, bind, type Pointer } from './lightgbm-bindings.js'
import { lightgbmVersion } from './lightgbm-version.js'

// c_api.h: C_API_DTYPE_FLOAT32, C_API_PREDICT_RAW_SCORE, C_API_PREDICT_CONTRIB, C_API_FEATURE_IMPORTANCE_GAIN.
const [FLOAT32, RAW_SCORE, CONTRIBUTIONS, BY_GAIN] = [0, 1, 3, 1]

const opened = new Map<string, Promise<{ ok: true; library: Lightgbm } | MissingLibrary>>()

/** The library of this process; found, opened and checked once per value of `SLUICE_LIGHTGBM_LIB`. */
export function openLightgbm(environment: Environment): Promise<{ ok: true; library: Lightgbm } | MissingLibrary> {
  const key = environment.SLUICE_LIGHTGBM_LIB ?? ''
  const known = opened.get(key)
  if (known !== undefined) return known
  const opening = open(environment)
  opened.set(key, opening)
  return opening
}

async function open(environment: Environment): Promise<{ ok: true; library: Lightgbm } | MissingLibrary> {
  const found = await openLibrary('lightgbm', environment)
  if (!found.ok) return found
  try {
    const version = (await lightgbmVersion(found.path)) ?? 'of unknown version'
    return { ok: true, library: new Lightgbm(bind(found.handle), version, found.path) }
  } catch (thrown) {
    // A binding is missing: the library is older than 3.3.
    const reason = messageOf(thrown)
    return {
      ok: false,
      tried: [{ path: found.path, reason }],
      reason: `LightGBM at ${found.path} cannot be used: ${reason}`,
      hint: 'install LightGBM 3.3 or newer, or point SLUICE_LIGHTGBM_LIB at one; make lightgbm compiles 4.1',
    }
  }
}

/** The opened library. Calls are synchronous and one at a time, so the places for results are shared by all of them. */
export class Lightgbm {
  readonly version: string
  readonly path: string
  readonly c: Bindings
  readonly pointer = new BigUint64Array(1)
  readonly count = new Int32Array(1)
  readonly length = new BigInt64Array(1)

  constructor(bindings: Bindings, version: string, path: string) {
    this.c = bindings
    this.version = version
    this.path = path
  }

  /** @throws UserError with what the library says */
  check(status: number, name: string): void {
    if (status === 0) return
    const said = this.c.LGBM_GetLastError().split('\n', 1)[0] ?? ''
    throw new UserError(`LightGBM ${this.version}: ${name} failed: ${said}`, {
      hint: 'if memory is short, take fewer features or a shorter span; else this model or library is damaged',
    })
  }

  /** The handle that the last call wrote to `pointer`. */
  handle(): Pointer {
    const handle = this.pointer[0]
    assert(handle !== undefined && handle !== 0n, 'the library gave no handle')
    return handle
  }
}

/** The library's own, binned copy of a table: about one byte a value. */
export class NativeDataset {
  readonly #library: Lightgbm
  #handle: Pointer

  /** @param reference  the table whose bins are taken over, for a validation part */
  constructor(library: Lightgbm, x: Matrix, parameters: string, reference: NativeDataset | null = null) {
    const { c, pointer } = library
    const base = reference === null ? null : reference.handle
    const status = c.LGBM_DatasetCreateFromMat(x.values, FLOAT32, x.rows, x.columns, 1, parameters, base, pointer)
    library.check(status, 'LGBM_DatasetCreateFromMat')
    this.#library = library
    this.#handle = library.handle()
  }

  get handle(): Pointer {
    assert(this.#handle !== 0n, 'this dataset is closed')
    return this.#handle
  }

  /** Copied by the library. */
  set(field: 'label' | 'weight', values: Float32Array): void {
    const status = this.#library.c.LGBM_DatasetSetField(this.handle, field, values, values.length, FLOAT32)
    this.#library.check(status, 'LGBM_DatasetSetField')
  }

  setFeatureNames(names: readonly string[]): void {
    const status = this.#library.c.LGBM_DatasetSetFeatureNames(this.handle, names, names.length)
    this.#library.check(status, 'LGBM_DatasetSetFeatureNames')
  }

  close(): void {
    if (this.#handle === 0n) return
    this.#library.check(this.#library.c.LGBM_DatasetFree(this.#handle), 'LGBM_DatasetFree')
    this.#handle = 0n
  }
}

/** A booster, and for single predictions what the library wants to know beforehand. */
export class Booster {
  readonly #library: Lightgbm
  #handle: Pointer
  #row: Pointer = 0n
  readonly #finished = new Int32Array(1)
  readonly #loss = new Float64Array(1)

  private constructor(library: Lightgbm, handle: Pointer) {
    this.#library = library
    this.#handle = handle
  }

  /** An untrained booster; the datasets must stay open as long as it is. */
  static create(
    library: Lightgbm,
    train: NativeDataset,
    validation: NativeDataset | null,
    parameters: string,
  ): Booster {
    library.check(library.c.LGBM_BoosterCreate(train.handle, parameters, library.pointer), 'LGBM_BoosterCreate')
    const booster = new Booster(library, library.handle())
    if (validation === null) return booster
    try {
      library.check(library.c.LGBM_BoosterAddValidData(booster.handle, validation.handle), 'LGBM_BoosterAddValidData')
    } catch (thrown) {
      booster.close()
      throw thrown
    }
    return booster
  }

  static load(library: Lightgbm, model: Uint8Array): Booster {
    const text = new Uint8Array(model.length + 1) // The library reads up to the zero.
    text.set(model)
    const { c, count, pointer } = library
    library.check(c.LGBM_BoosterLoadModelFromString(text, count, pointer), 'LGBM_BoosterLoadModelFromString')
    return new Booster(library, library.handle())
  }

  get handle(): Pointer {
    assert(this.#handle !== 0n, 'this booster is closed')
    return this.#handle
  }

  /** One more round. @returns whether no tree could be split any more, so that no further round will change anything */
  update(): boolean {
    const status = this.#library.c.LGBM_BoosterUpdateOneIter(this.handle, this.#finished)
    this.#library.check(status, 'LGBM_BoosterUpdateOneIter')
    return this.#finished[0] === 1
  }

  /** The metric on the training part (0) or on the validation part (1). */
  evaluate(part: 0 | 1): number {
    const status = this.#library.c.LGBM_BoosterGetEval(this.handle, part, this.#library.count, this.#loss)
    this.#library.check(status, 'LGBM_BoosterGetEval')
    assert(this.#library.count[0] === 1, `${this.#library.count[0]} metrics for one`)
    return this.#loss[0]
  }

  /** Raw scores, written straight into `out`. [rows × outputs] */
  margins(x: Matrix, out: Float64Array, parameters: string): void {
    const { c, length } = this.#library
    if (x.rows === 1) {
      if (this.#row === 0n) this.#row = this.#prepareRow(x.columns, parameters)
      const status = c.LGBM_BoosterPredictForMatSingleRowFast(this.#row, x.values, length, out)
      this.#library.check(status, 'LGBM_BoosterPredictForMatSingleRowFast')
    } else this.#predict(x, RAW_SCORE, out, parameters)
    assert(Number(length[0]) === out.length, `${length[0]} scores, room for ${out.length}`)
  }

  /** TreeSHAP values, written straight into `out`. [rows × outputs × (columns + 1)] */
  contributions(x: Matrix, out: Float64Array, parameters: string): void {
    this.#predict(x, CONTRIBUTIONS, out, parameters)
    const { length } = this.#library
    assert(Number(length[0]) === out.length, `${length[0]} contributions, room for ${out.length}`)
  }

  /** The first `rounds` rounds as the library's own text. */
  save(rounds: number): Uint8Array {
    const { c, length } = this.#library
    const write = (room: Uint8Array) => {
      const status = c.LGBM_BoosterSaveModelToString(this.handle, 0, rounds, BY_GAIN, room.length, length, room)
      this.#library.check(status, 'LGBM_BoosterSaveModelToString')
      return Number(length[0])
    }
    let room = new Uint8Array(1 << 20)
    if (write(room) > room.length) {
      room = new Uint8Array(Number(length[0]))
      write(room)
    }
    return room.slice(0, Number(length[0]) - 1) // Without the zero at the end.
  }

  close(): void {
    if (this.#handle === 0n) return
    const { c } = this.#library
    if (this.#row !== 0n) this.#library.check(c.LGBM_FastConfigFree(this.#row), 'LGBM_FastConfigFree')
    this.#library.check(c.LGBM_BoosterFree(this.#handle), 'LGBM_BoosterFree')
    this.#handle = 0n
    this.#row = 0n
  }

  #predict(x: Matrix, type: number, out: Float64Array, parameters: string): void {
    const { c, length } = this.#library
    const status = c.LGBM_BoosterPredictForMat(
      this.handle,
      x.values,
      FLOAT32,
      x.rows,
      x.columns,
      1,
      type,
      0,
      -1,
      parameters,
      length,
      out,
    )
    this.#library.check(status, 'LGBM_BoosterPredictForMat')
  }

  #prepareRow(columns: number, parameters: string): Pointer {
    const { c, pointer } = this.#library
    const status = c.LGBM_BoosterPredictForMatSingleRowFastInit(
      this.handle,
      RAW_SCORE,
      0,
      -1,
      FLOAT32,
      columns,
      parameters,
      pointer,
    )
    this.#library.check(status, 'LGBM_BoosterPredictForMatSingleRowFastInit')
    return this.#library.handle()
  }
}
