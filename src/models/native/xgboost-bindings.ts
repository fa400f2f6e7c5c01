/**
 * XGBoost's C interface (xgboost/c_api.h): a table, each binding under its C signature, in the header's order. Only functions that 1.7 to
 * 3.x share.
 */

import type { LibraryHandle } from 'koffi'

export type Pointer = bigint
type Out = BigUint64Array

export type Bindings = ReturnType<typeof bind>

export function bind(library: LibraryHandle) {
  const bindings = {
    // void XGBoostVersion(int* major, int* minor, int* patch)
    XGBoostVersion: library.func('void XGBoostVersion(int *major, int *minor, int *patch)'),
    // const char *XGBGetLastError(void)
    XGBGetLastError: library.func('const char *XGBGetLastError(void)'),
    // int XGBSetGlobalConfig(const char *config)
    XGBSetGlobalConfig: library.func('int XGBSetGlobalConfig(const char *config)'),
    // int XGDMatrixCreateFromDense(char const *data, char const *config, DMatrixHandle *out)
    XGDMatrixCreateFromDense: library.func(
      'int XGDMatrixCreateFromDense(const char *data, const char *config, void **out)',
    ),
    // int XGDMatrixFree(DMatrixHandle handle)
    XGDMatrixFree: library.func('int XGDMatrixFree(void *handle)'),
    // int XGDMatrixSetStrFeatureInfo(DMatrixHandle handle, const char *field, const char **features, const bst_ulong size)
    XGDMatrixSetStrFeatureInfo: library.func(
      'int XGDMatrixSetStrFeatureInfo(void *handle, const char *field, const char **features, uint64_t size)',
    ),
    // int XGDMatrixSetInfoFromInterface(DMatrixHandle handle, char const *field, char const *data)
    XGDMatrixSetInfoFromInterface: library.func(
      'int XGDMatrixSetInfoFromInterface(void *handle, const char *field, const char *data)',
    ),
    // int XGBoosterCreate(const DMatrixHandle dmats[], bst_ulong len, BoosterHandle *out)
    XGBoosterCreate: library.func('int XGBoosterCreate(void **dmats, uint64_t len, void **out)'),
    // int XGBoosterFree(BoosterHandle handle)
    XGBoosterFree: library.func('int XGBoosterFree(void *handle)'),
    // int XGBoosterSlice(BoosterHandle handle, int begin_layer, int end_layer, int step, BoosterHandle *out)
    XGBoosterSlice: library.func(
      'int XGBoosterSlice(void *handle, int begin_layer, int end_layer, int step, void **out)',
    ),
    // int XGBoosterSetParam(BoosterHandle handle, const char *name, const char *value)
    XGBoosterSetParam: library.func('int XGBoosterSetParam(void *handle, const char *name, const char *value)'),
    // int XGBoosterUpdateOneIter(BoosterHandle handle, int iter, DMatrixHandle dtrain)
    XGBoosterUpdateOneIter: library.func('int XGBoosterUpdateOneIter(void *handle, int iter, void *dtrain)'),
    // int XGBoosterEvalOneIter(BoosterHandle handle, int iter, DMatrixHandle dmats[], const char *evnames[],
    //                          bst_ulong len, const char **out_result)
    XGBoosterEvalOneIter: library.func(
      'int XGBoosterEvalOneIter(void *handle, int iter, void **dmats, const char **evnames, uint64_t len, void **out_result)',
    ),
    // int XGBoosterPredictFromDMatrix(BoosterHandle handle, DMatrixHandle dmat, char const *config,
    //                                 bst_ulong const **out_shape, bst_ulong *out_dim, float const **out_result)
    XGBoosterPredictFromDMatrix: library.func(
      'int XGBoosterPredictFromDMatrix(void *handle, void *dmat, const char *config, void **out_shape, uint64_t *out_dim, void **out_result)',
    ),
    // int XGBoosterPredictFromDense(BoosterHandle handle, char const *values, char const *config, DMatrixHandle m,
    //                               bst_ulong const **out_shape, bst_ulong *out_dim, const float **out_result)
    XGBoosterPredictFromDense: library.func(
      'int XGBoosterPredictFromDense(void *handle, const char *values, const char *config, void *m, void **out_shape, uint64_t *out_dim, void **out_result)',
    ),
    // int XGBoosterLoadModelFromBuffer(BoosterHandle handle, const void *buf, bst_ulong len)
    XGBoosterLoadModelFromBuffer: library.func(
      'int XGBoosterLoadModelFromBuffer(void *handle, const void *buf, uint64_t len)',
    ),
    // int XGBoosterSaveModelToBuffer(BoosterHandle handle, char const *config, bst_ulong *out_len, char const **out_dptr)
    XGBoosterSaveModelToBuffer: library.func(
      'int XGBoosterSaveModelToBuffer(void *handle, const char *config, uint64_t *out_len, void **out_dptr)',
    ),
    // int XGBoosterSetStrFeatureInfo(BoosterHandle handle, const char *field, const char **features, bst_ulong size)
    XGBoosterSetStrFeatureInfo: library.func(
      'int XGBoosterSetStrFeatureInfo(void *handle, const char *field, const char **features, uint64_t size)',
    ),
  }
  return bindings as {
    XGBoostVersion: (major: Int32Array, minor: Int32Array, patch: Int32Array) => void
    XGBGetLastError: () => string
    XGBSetGlobalConfig: (config: string) => number
    XGDMatrixCreateFromDense: (data: string, config: string, out: Out) => number
    XGDMatrixFree: (handle: Pointer) => number
    XGDMatrixSetStrFeatureInfo: (handle: Pointer, field: string, features: readonly string[], size: number) => number
    XGDMatrixSetInfoFromInterface: (handle: Pointer, field: string, data: string) => number
    XGBoosterCreate: (dmats: BigUint64Array, len: number, out: Out) => number
    XGBoosterFree: (handle: Pointer) => number
    XGBoosterSlice: (handle: Pointer, begin: number, end: number, step: number, out: Out) => number
    XGBoosterSetParam: (handle: Pointer, name: string, value: string) => number
    XGBoosterUpdateOneIter: (handle: Pointer, iter: number, dtrain: Pointer) => number
    XGBoosterEvalOneIter: (
      handle: Pointer,
      iter: number,
      dmats: BigUint64Array,
      evnames: readonly string[],
      len: number,
      out: Out,
    ) => number
    XGBoosterPredictFromDMatrix: (
      handle: Pointer,
      dmat: Pointer,
      config: string,
      outShape: Out,
      outDim: Out,
      outResult: Out,
    ) => number
    XGBoosterPredictFromDense: (
      handle: Pointer,
      values: string,
      config: string,
      m: null,
      outShape: Out,
      outDim: Out,
      outResult: Out,
    ) => number
    XGBoosterLoadModelFromBuffer: (handle: Pointer, buf: Uint8Array, len: number) => number
    XGBoosterSaveModelToBuffer: (handle: Pointer, config: string, outLen: Out, out: Out) => number
    XGBoosterSetStrFeatureInfo: (handle: Pointer, field: string, features: readonly string[], size: number) => number
  }
}
