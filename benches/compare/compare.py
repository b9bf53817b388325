"""Costs of training: this project beside the usual Python libraries, on the same bytes.

    compare.py data ROWS DIRECTORY          write the rows and print the file's name
    compare.py fit CONTENDER FILE           fit in this process and print a line of JSON
    compare.py table PROGRAM FILE [TIMES]   run every contender in turn and print medians

`run.sh` makes the environment and calls this. PROGRAM is the built benchmark `compare`. A contender
is a name of PARTS; its command prints `cpu_s`, `wall_s`, `extra_mb` and what tells how good the fit
is. Seconds and memory are of the fit alone, not of imports and of reading the file.
"""

import functools
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

print = functools.partial(print, flush=True)

# Contenders of a part; the first is what the others are compared with. Those in PROGRAM's own
# hands give the arguments of its command line, the others run in this file.
PARTS = {
    "logistic": {
        "sklearn newton-cholesky": None,
        "sklearn lbfgs": None,
        "ours": ["logistic"],
        "ours, single precision": ["logistic", "--single-precision"],
    },
    "boosting": {
        "lightgbm": None,
        "xgboost hist": None,
        "ours boosting": ["boosting"],
    },
}

COLUMNS = 30


def write_data(rows, directory):
    """Correlated columns, some skewed, some binary, and about 7 % events that follow them."""
    import numpy as np

    path = pathlib.Path(directory) / f"rows_{rows}.bin"
    if path.exists():
        return path
    random = np.random.default_rng(7)
    loadings = random.normal(size=(COLUMNS, 6)) * 0.5
    effects = random.normal(size=COLUMNS) * 0.25
    units = np.array([1, 10, 100, 1000, 5, 50, 2, 20])
    limits = np.array([0, 0.5, 1, 1.5, 2, 0, 0.5, 1])
    events, scale = [], None
    partial = path.with_suffix(".partial")
    with open(partial, "wb") as file:
        np.array([rows, COLUMNS], dtype="<u8").tofile(file)
        for start in range(0, rows, 100_000):
            count = min(100_000, rows - start)
            x = random.normal(size=(count, 6)) @ loadings.T + random.normal(size=(count, COLUMNS))
            x[:, 10:18] = np.exp(0.5 * x[:, 10:18]) * units
            x[:, 18:26] = x[:, 18:26] > limits
            if scale is None:
                scale = x.mean(0), effects / x.std(0)
            log_odds = (x - scale[0]) @ scale[1] - 3.0
            events.append(random.random(count) < 1 / (1 + np.exp(-log_odds)))
            x.astype("<f8").tofile(file)
        np.concatenate(events).astype("u1").tofile(file)
    partial.rename(path)
    return path


def read(path):
    import numpy as np

    rows, columns = np.fromfile(path, dtype="<u8", count=2)
    x = np.fromfile(path, dtype="<f8", count=rows * columns, offset=16)
    y = np.fromfile(path, dtype="u1", offset=16 + 8 * int(rows * columns))
    return x.reshape(int(rows), int(columns)), y


def resident(field):
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith(field))
    return int(line.split()[1]) / 1024


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measured(work):
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
        resets = True
    except OSError:
        resets = False
    before, cpu, wall = resident("VmRSS:"), cpu_seconds(), time.perf_counter()
    result = work()
    return result, {
        "cpu_s": cpu_seconds() - cpu,
        "wall_s": time.perf_counter() - wall,
        "extra_mb": resident("VmHWM:") - before,
        "peak_reset": resets,
    }


def gradient_sup_norm(x, y, p, coefficients):
    """Of the summed log-loss plus the ridge penalty with C = 1."""
    import numpy as np

    residual = p - y
    slopes = sum(x[at : at + 50_000].T @ residual[at : at + 50_000] for at in range(0, len(y), 50_000))
    return float(max(np.abs(slopes + coefficients).max(), abs(residual.sum())))


def fit(contender, path):
    from sklearn.metrics import log_loss, roc_auc_score

    x, y = read(path)
    if contender.startswith("sklearn"):
        from sklearn.linear_model import LogisticRegression

        solver = contender.split()[1]
        # As near to the optimum as the solver gets; at their default 1e-4, neither is near.
        model = LogisticRegression(solver=solver, C=1.0, tol=1e-10, max_iter=1000)
    elif contender == "lightgbm":
        from lightgbm import LGBMClassifier

        model = LGBMClassifier(
            n_estimators=100, num_leaves=31, learning_rate=0.1, n_jobs=1, verbose=-1
        )
    else:
        from xgboost import XGBClassifier

        model = XGBClassifier(
            n_estimators=100, max_leaves=31, max_depth=0, grow_policy="lossguide",
            learning_rate=0.1, tree_method="hist", n_jobs=1,
        )
    _, report = measured(lambda: model.fit(x, y))
    p = model.predict_proba(x)[:, 1].astype("f8")
    if contender.startswith("sklearn"):
        report["iterations"] = int(model.n_iter_[0])
        report["gradient_sup_norm"] = gradient_sup_norm(x, y, p, model.coef_[0])
    report["auc"] = float(roc_auc_score(y, p))
    report["log_loss"] = float(log_loss(y, p))
    return report


def run(contender, arguments, program, path):
    own = [sys.executable, __file__, "fit", contender, path]
    command = own if arguments is None else [program, arguments[0], path, *arguments[1:]]
    single = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    done = subprocess.run(
        command, env=os.environ | single, check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def table(program, path, times):
    for part, contenders in PARTS.items():
        runs = {contender: [] for contender in contenders}
        # In turn, so that whatever else the machine does meets all of them alike.
        for _ in range(times):
            for contender, arguments in contenders.items():
                runs[contender].append(run(contender, arguments, program, path))
        median = {
            contender: {
                key: statistics.median(report[key] for report in reports)
                for key in reports[0]
            }
            for contender, reports in runs.items()
        }
        first = next(iter(median.values()))
        print(f"\n{part}: medians of {times} runs, one thread each\n")
        print("| contender | CPU s | ratio | wall s | extra MB | largest gradient | AUC | log-loss |")
        print("|---|---|---|---|---|---|---|---|")
        for contender, report in median.items():
            gradient = report.get("gradient_sup_norm")
            gradient = "–" if gradient is None else f"{gradient:.1e}"
            print(
                f"| {contender} | {report['cpu_s']:.3f} | {report['cpu_s'] / first['cpu_s']:.3f}"
                f" | {report['wall_s']:.3f} | {report['extra_mb']:.0f} | {gradient}"
                f" | {report['auc']:.6f} | {report['log_loss']:.8f} |"
            )


def main():
    match sys.argv[1:]:
        case ["data", rows, directory]:
            print(write_data(int(rows), directory))
        case ["fit", contender, path]:
            print(json.dumps(fit(contender, path)))
        case ["table", program, path]:
            table(program, path, 3)
        case ["table", program, path, times]:
            table(program, path, int(times))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
