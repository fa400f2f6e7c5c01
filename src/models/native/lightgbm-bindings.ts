/** LightGBM's C interface (LightGBM/c_api.h): a table, each binding under its C signature, in the header's order. Functions of 3.3 to 4.x. */

import type { LibraryHandle } from 'koffi'

export type Pointer = bigint

export type Bindings = ReturnType<typeof bind>

export function bind(library: LibraryHandle) {
  const bindings = {
    // const char* LGBM_GetLastError()
    LGBM_GetLastError: library.func('const char *LGBM_GetLastError()'),
    // int LGBM_DatasetCreateFromMat(const void* data, int data_type, int32_t nrow, int32_t ncol, int is_row_major,
    //                               const char* parameters, const DatasetHandle reference, DatasetHandle* out)
    LGBM_DatasetCreateFromMat: library.func(
      'int LGBM_DatasetCreateFromMat(const float *data, int data_type, int32_t nrow, int32_t ncol, int is_row_major, const char *parameters, void *reference, void **out)',
    ),
    // int LGBM_DatasetSetFeatureNames(DatasetHandle handle, const char** feature_names, int num_feature_names)
    LGBM_DatasetSetFeatureNames: library.func(
      'int LGBM_DatasetSetFeatureNames(void *handle, const char **feature_names, int num_feature_names)',
    ),
    // int LGBM_DatasetFree(DatasetHandle handle)
    LGBM_DatasetFree: library.func('int LGBM_DatasetFree(void *handle)'),
    // int LGBM_DatasetSetField(DatasetHandle handle, const char* field_name, const void* field_data, int num_element, int type)
    LGBM_DatasetSetField: library.func(
      'int LGBM_DatasetSetField(void *handle, const char *field_name, const float *field_data, int num_element, int type)',
    ),
    // int LGBM_BoosterCreate(const DatasetHandle train_data, const char* parameters, BoosterHandle* out)
    LGBM_BoosterCreate: library.func('int LGBM_BoosterCreate(void *train_data, const char *parameters, void **out)'),
    // int LGBM_BoosterLoadModelFromString(const char* model_str, int* out_num_iterations, BoosterHandle* out)
    LGBM_BoosterLoadModelFromString: library.func(
      'int LGBM_BoosterLoadModelFromString(const uint8_t *model_str, int *out_num_iterations, void **out)',
    ),
    // int LGBM_BoosterFree(BoosterHandle handle)
    LGBM_BoosterFree: library.func('int LGBM_BoosterFree(void *handle)'),
    // int LGBM_BoosterAddValidData(BoosterHandle handle, const DatasetHandle valid_data)
    LGBM_BoosterAddValidData: library.func('int LGBM_BoosterAddValidData(void *handle, void *valid_data)'),
    // int LGBM_BoosterUpdateOneIter(BoosterHandle handle, int* is_finished)
    LGBM_BoosterUpdateOneIter: library.func('int LGBM_BoosterUpdateOneIter(void *handle, int *is_finished)'),
    // int LGBM_BoosterGetEval(BoosterHandle handle, int data_idx, int* out_len, double* out_results)
    LGBM_BoosterGetEval: library.func(
      'int LGBM_BoosterGetEval(void *handle, int data_idx, int *out_len, double *out_results)',
    ),
    // int LGBM_FastConfigFree(FastConfigHandle fastConfig)
    LGBM_FastConfigFree: library.func('int LGBM_FastConfigFree(void *fast_config)'),
    // int LGBM_BoosterPredictForMat(BoosterHandle handle, const void* data, int data_type, int32_t nrow, int32_t ncol,
    //                               int is_row_major, int predict_type, int start_iteration, int num_iteration,
    //                               const char* parameter, int64_t* out_len, double* out_result)
    LGBM_BoosterPredictForMat: library.func(
      'int LGBM_BoosterPredictForMat(void *handle, const float *data, int data_type, int32_t nrow, int32_t ncol, int is_row_major, int predict_type, int start_iteration, int num_iteration, const char *parameter, int64_t *out_len, double *out_result)',
    ),
    // int LGBM_BoosterPredictForMatSingleRowFastInit(BoosterHandle handle, const int predict_type, const int start_iteration,
    //                                                const int num_iteration, const int data_type, const int32_t ncol,
    //                                                const char* parameter, FastConfigHandle *out_fastConfig)
    LGBM_BoosterPredictForMatSingleRowFastInit: library.func(
      'int LGBM_BoosterPredictForMatSingleRowFastInit(void *handle, int predict_type, int start_iteration, int num_iteration, int data_type, int32_t ncol, const char *parameter, void **out_fast_config)',
    ),
    // int LGBM_BoosterPredictForMatSingleRowFast(FastConfigHandle fastConfig_handle, const void* data, int64_t* out_len,
    //                                            double* out_result)
    LGBM_BoosterPredictForMatSingleRowFast: library.func(
      'int LGBM_BoosterPredictForMatSingleRowFast(void *fast_config, const float *data, int64_t *out_len, double *out_result)',
    ),
    // int LGBM_BoosterSaveModelToString(BoosterHandle handle, int start_iteration, int num_iteration,
    //                                   int feature_importance_type, int64_t buffer_len, int64_t* out_len, char* out_str)
    LGBM_BoosterSaveModelToString: library.func(
      'int LGBM_BoosterSaveModelToString(void *handle, int start_iteration, int num_iteration, int feature_importance_type, int64_t buffer_len, int64_t *out_len, uint8_t *out_str)',
    ),
  }
  return bindings as {
    LGBM_GetLastError: () => string
    LGBM_DatasetCreateFromMat: (
      data: Float32Array,
      dataType: number,
      rows: number,
      columns: number,
      isRowMajor: number,
      parameters: string,
      reference: Pointer | null,
      out: BigUint64Array,
    ) => number
    LGBM_DatasetSetFeatureNames: (handle: Pointer, names: readonly string[], count: number) => number
    LGBM_DatasetFree: (handle: Pointer) => number
    LGBM_DatasetSetField: (
      handle: Pointer,
      field: string,
      values: Float32Array,
      count: number,
      dataType: number,
    ) => number
    LGBM_BoosterCreate: (train: Pointer, parameters: string, out: BigUint64Array) => number
    LGBM_BoosterLoadModelFromString: (model: Uint8Array, iterations: Int32Array, out: BigUint64Array) => number
    LGBM_BoosterFree: (handle: Pointer) => number
    LGBM_BoosterAddValidData: (handle: Pointer, valid: Pointer) => number
    LGBM_BoosterUpdateOneIter: (handle: Pointer, isFinished: Int32Array) => number
    LGBM_BoosterGetEval: (handle: Pointer, index: number, outLen: Int32Array, out: Float64Array) => number
    LGBM_FastConfigFree: (handle: Pointer) => number
    LGBM_BoosterPredictForMat: (
      handle: Pointer,
      data: Float32Array,
      dataType: number,
      rows: number,
      columns: number,
      isRowMajor: number,
      predictType: number,
      start: number,
      iterations: number,
      parameters: string,
      outLen: BigInt64Array,
      out: Float64Array,
    ) => number
    LGBM_BoosterPredictForMatSingleRowFastInit: (
      handle: Pointer,
      predictType: number,
      start: number,
      iterations: number,
      dataType: number,
      columns: number,
      parameters: string,
      out: BigUint64Array,
    ) => number
    LGBM_BoosterPredictForMatSingleRowFast: (
      config: Pointer,
      row: Float32Array,
      outLen: BigInt64Array,
      out: Float64Array,
    ) => number
    LGBM_BoosterSaveModelToString: (
      handle: Pointer,
      start: number,
      iterations: number,
      importance: number,
      room: number,
      outLen: BigInt64Array,
      out: Uint8Array,
    ) => number
  }
}
