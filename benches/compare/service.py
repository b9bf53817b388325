"""Wall time and memory of a training from a CSV file: the service beside pandas and scikit-learn.

    service.py PROGRAM FILE [TIMES]

PROGRAM is the built `credit-risk`; FILE is what `compare.py data` wrote. It is written out as CSV once,
beside itself. The service is started anew for every run and gets the file by POST /train, with its usual
plan: split, five folds, cut-off, reasons and evidence; audit, limits and keys are on. pandas reads the
same file, and a pipeline of a scaler and logistic regression is fitted on four fifths of the rows and
judged on the rest; the second contender cross-validates in five folds as well.
"""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from compare import read, resident

KEY = "crk-compare-key-of-the-benchmark"
PORT = 18321


def write_csv(path):
    import pandas as pd

    csv = pathlib.Path(path).with_suffix(".csv")
    if not csv.exists():
        x, y = read(path)
        frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(x.shape[1])])
        frame["default"] = y
        partial = csv.with_suffix(".partial")
        frame.to_csv(partial, index=False, float_format="%.7g")
        partial.rename(csv)
    return csv


def pipeline(csv, folds):
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_score, train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    began = time.perf_counter()
    frame = pd.read_csv(csv)
    y = frame.pop("default")
    x_train, x_test, y_train, y_test = train_test_split(
        frame, y, test_size=0.2, random_state=42, stratify=y
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    if folds:
        cross_val_score(model, frame, y, cv=folds, scoring="roc_auc")
    model.fit(x_train, y_train)
    auc = roc_auc_score(y_test, model.predict_proba(x_test)[:, 1])
    wall = time.perf_counter() - began
    return {"wall_s": wall, "peak_mb": resident("VmHWM:"), "auc": float(auc)}


def ready(server):
    for _ in range(200):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/live"):
                return
        except OSError:
            if server.poll() is not None:
                sys.exit("the service did not start")
            time.sleep(0.05)
    sys.exit("the service does not answer")


def service(program, csv):
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "CREDIT_RISK_PORT": str(PORT),
            "CREDIT_RISK_API_KEYS": KEY,
            "CREDIT_RISK_RATE_LIMIT_ENABLED": "true",
            "CREDIT_RISK_TRAINING_BODY_LIMIT": "4 GiB",
            "CREDIT_RISK_UPLOAD_LIMIT": "4 GiB",
            "CREDIT_RISK_LOG_LEVEL": "warn",
        }
        server = subprocess.Popen(
            [program, "serve"], cwd=folder, env=os.environ | settings, stderr=subprocess.DEVNULL
        )
        try:
            ready(server)
            plan = json.dumps({"model_type": "logistic_regression", "target": "default"})
            began = time.perf_counter()
            done = subprocess.run(
                ["curl", "--silent", "--show-error", "--fail-with-body",
                 "-H", f"Authorization: Bearer {KEY}", "-F", f"config={plan}",
                 "-F", f"file=@{csv};type=text/csv", f"http://127.0.0.1:{PORT}/train"],
                capture_output=True, text=True,
            )
            wall = time.perf_counter() - began
            if done.returncode:
                sys.exit(done.stdout + done.stderr)
            status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
            auc = json.loads(done.stdout)["metrics"]["roc_auc"]
            return {"wall_s": wall, "peak_mb": int(peak.split()[1]) / 1024, "auc": auc}
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()


def main():
    match sys.argv[1:]:
        case ["pipeline", csv, folds]:
            print(json.dumps(pipeline(csv, int(folds))))
            return
        case [program, path, *times]:
            times = int(times[0]) if times else 3
        case _:
            sys.exit(__doc__)
    csv = write_csv(path)
    x, _ = read(path)
    parsed = x.nbytes / 1e6

    def python(folds):
        command = [sys.executable, __file__, "pipeline", csv, str(folds)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(done.stdout.splitlines()[-1])

    contenders = {
        "pandas + scikit-learn": lambda: python(0),
        "pandas + scikit-learn, 5 folds": lambda: python(5),
        "POST /train": lambda: service(os.path.abspath(program), csv),
    }
    runs = {name: [] for name in contenders}
    for _ in range(times):
        for name, run in contenders.items():
            runs[name].append(run())
    print(f"\ntraining from {csv.stat().st_size / 1e6:.0f} MB of CSV ({parsed:.0f} MB parsed)\n")
    print("| contender | wall s | ratio | peak MB | of parsed | AUC |")
    print("|---|---|---|---|---|---|")
    median = {
        name: {key: statistics.median(run[key] for run in found) for key in found[0]}
        for name, found in runs.items()
    }
    first = next(iter(median.values()))
    for name, found in median.items():
        print(
            f"| {name} | {found['wall_s']:.2f} | {found['wall_s'] / first['wall_s']:.3f}"
            f" | {found['peak_mb']:.0f} | {found['peak_mb'] / parsed:.2f} | {found['auc']:.6f} |"
        )


if __name__ == "__main__":
    main()
