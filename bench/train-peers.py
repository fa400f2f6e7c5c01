# The libraries themselves, for bench/train.mjs: Python's xgboost and scikit-learn, and LightGBM's C interface without anything around it.
import ctypes, json, resource, sys, time
import numpy

which, folder, columns, rounds, threads, library = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]), sys.argv[6]


def table(name):
    x = numpy.fromfile(f"{folder}/{name}.f32", dtype="<f4").reshape(-1, columns)
    return x, numpy.fromfile(f"{folder}/{name}.i32", dtype="<i4")


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def each(call, count=2000):
    call()
    begin = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - begin) / count * 1e6


def by_xgboost(x, y, vx, vy):
    import xgboost

    begin, begin_cpu = time.perf_counter(), cpu()
    train, valid = xgboost.DMatrix(x, y, nthread=threads), xgboost.DMatrix(vx, vy, nthread=threads)
    parameters = dict(
        tree_method="hist", objective="multi:softprob", num_class=3, base_score=0.5, nthread=threads, seed=42,
        seed_per_iteration=1, eta=0.05, max_depth=4, min_child_weight=20, subsample=0.7, colsample_bytree=0.5,
    )
    evals = [(train, "train"), (valid, "valid")]
    booster = xgboost.train(parameters, train, rounds, evals=evals, verbose_eval=False)
    fit, fit_cpu = time.perf_counter() - begin, cpu() - begin_cpu
    booster.predict(valid, output_margin=True).astype("<f4").tofile(f"{folder}/margins.f32")
    train.save_binary(f"{folder}/train.buffer")
    valid.save_binary(f"{folder}/valid.buffer")
    row = numpy.ascontiguousarray(vx[:1])
    return dict(
        version=xgboost.__version__, fit=fit, cpu=fit_cpu,
        inplace=each(lambda: booster.inplace_predict(row, predict_type="margin")),
        matrix=each(lambda: booster.predict(xgboost.DMatrix(row), output_margin=True)),
    )


def by_lightgbm(x, y, vx, vy):
    c = ctypes.CDLL(library)

    def check(status):
        if status != 0:
            raise RuntimeError("the library refused")

    def at(array):
        return array.ctypes.data_as(ctypes.c_void_p)

    text = (
        f"objective=multiclass num_class=3 metric=multi_logloss learning_rate=0.05 num_leaves=15 max_depth=6 min_data_in_leaf=50 "
        f"bagging_fraction=0.7 bagging_freq=1 feature_fraction=0.5 lambda_l2=1 max_bin=255 feature_pre_filter=false seed=42 "
        f"num_threads={threads} deterministic=true force_col_wise=true verbosity=-1"
    ).encode()

    def dataset(x, y, reference):
        handle, labels = ctypes.c_void_p(), y.astype("<f4")
        check(c.LGBM_DatasetCreateFromMat(at(x), 0, len(x), columns, 1, text, reference, ctypes.byref(handle)))
        check(c.LGBM_DatasetSetField(handle, b"label", at(labels), len(y), 0))
        return handle

    begin, begin_cpu = time.perf_counter(), cpu()
    train = dataset(x, y, None)
    valid = dataset(vx, vy, train)
    booster = ctypes.c_void_p()
    check(c.LGBM_BoosterCreate(train, text, ctypes.byref(booster)))
    check(c.LGBM_BoosterAddValidData(booster, valid))
    done, count, loss = ctypes.c_int(), ctypes.c_int(), ctypes.c_double()
    for _ in range(rounds):
        check(c.LGBM_BoosterUpdateOneIter(booster, ctypes.byref(done)))
        for part in (0, 1):
            check(c.LGBM_BoosterGetEval(booster, part, ctypes.byref(count), ctypes.byref(loss)))
    fit, fit_cpu = time.perf_counter() - begin, cpu() - begin_cpu
    out, length = numpy.zeros(len(vx) * 3), ctypes.c_int64()
    check(c.LGBM_BoosterPredictForMat(booster, at(vx), 0, len(vx), columns, 1, 1, 0, -1, b"", ctypes.byref(length), at(out)))
    out.astype("<f4").tofile(f"{folder}/margins.f32")
    return dict(fit=fit, cpu=fit_cpu)


def by_sklearn(x, y, vx, vy):
    import sklearn
    from sklearn.linear_model import LogisticRegression

    begin, begin_cpu = time.perf_counter(), cpu()
    median = numpy.nanmedian(x, axis=0)
    x, vx = (numpy.where(numpy.isnan(table), median, table) for table in (x, vx))
    mean, scale = x.mean(axis=0, dtype="f8"), x.std(axis=0, dtype="f8")
    x, vx = (numpy.clip((table - mean) / scale, -10, 10) for table in (x, vx))
    net = dict(penalty="elasticnet", solver="saga", l1_ratio=0.5) if which == "elastic-net" else {}
    model = LogisticRegression(C=1 / (1e-3 * len(x)), tol=1e-5, max_iter=5000, **net).fit(x, y)
    fit, fit_cpu = time.perf_counter() - begin, cpu() - begin_cpu
    model.decision_function(vx).astype("<f4").tofile(f"{folder}/margins.f32")
    return dict(version=sklearn.__version__, fit=fit, cpu=fit_cpu)


peers = {"xgboost": by_xgboost, "lightgbm": by_lightgbm, "logistic": by_sklearn, "elastic-net": by_sklearn}
run = peers[which]
print(json.dumps(run(*table("train"), *table("validation"))))
