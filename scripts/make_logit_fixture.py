#!/usr/bin/env python3
"""Makes tests/fixtures/logit_german_uci.json: logistic regressions on data/german_credit.csv.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 statsmodels==0.15.0
    venv/bin/python scripts/make_logit_fixture.py            write the fixture
    venv/bin/python scripts/make_logit_fixture.py --check    compute again and compare at 1e-9

Objective of every case: C * sum(w * logloss) + ||b||^2 / 2, intercept not penalised; C = "inf" leaves
the penalty out. Each solution is polished by Newton's method in extended precision and must then agree
with scikit-learn (newton-cholesky, tol 1e-12) and, without penalty, with statsmodels.
"""

import argparse
import csv
import json
import math
import pathlib
import re
import warnings

import numpy as np
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from scipy import stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "data" / "german_credit.csv"
OUT = ROOT / "tests" / "fixtures" / "logit_german_uci.json"
TARGET = "credit_risk"
NUMERIC = [
    "duration_months", "credit_amount", "installment_rate_percent", "residence_since", "age_years",
    "existing_credits", "dependents",
]
KKT_LIMIT = 1e-12


class Design:
    """The expanded columns of the file, in file order, and what is needed to scale them."""

    def __init__(self, path):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.y = np.array([float(row[TARGET] == "bad") for row in rows])
        self.names, self.reference, self.levels, columns = [], [], {}, []
        for column in rows[0]:
            if column == TARGET:
                continue
            cells = [row[column] for row in rows]
            if column in NUMERIC:
                self.names.append(column)
                columns.append([float(cell) for cell in cells])
                continue
            self.levels[column] = sorted(set(cells), key=lambda level: level.encode())
            self.reference.append(f"{column}={self.levels[column][0]}")
            for level in self.levels[column]:
                self.names.append(f"{column}={level}")
                columns.append([float(cell == level) for cell in cells])
        self.x = np.array(columns).T
        # exact sums first, so that the scale carries no rounding of the summation order
        n = len(rows)
        self.mean = np.array([math.fsum(c) / n for c in self.x.T])
        self.sd = np.array([math.sqrt(math.fsum((c - m) ** 2) / n) for c, m in zip(self.x.T, self.mean)])

    def standardised(self):
        return self.names, (self.x - self.mean) / self.sd

    def without_reference(self, scale_numeric):
        keep = [i for i, name in enumerate(self.names) if name not in self.reference]
        x = self.x.copy()
        if scale_numeric:
            for i in keep:
                if self.names[i] in NUMERIC:
                    x[:, i] = (x[:, i] - self.mean[i]) / self.sd[i]
        return [self.names[i] for i in keep], x[:, keep]


def gradient(x1, y, w, penalty, beta):
    """Gradient of sum(w * logloss) + penalty * ||b||^2 / 2 in extended precision."""
    probability = 1 / (1 + np.exp(-(x1 @ beta)))
    return x1.T @ (w * (probability - y)) + penalty * beta, probability


def newton(x, y, w, c):
    """Intercept-first coefficients and the sup-norm of the gradient there."""
    x1 = np.column_stack([np.ones(len(y)), x]).astype(np.longdouble)
    y, w = y.astype(np.longdouble), w.astype(np.longdouble)
    penalty = np.full(x1.shape[1], 0 if math.isinf(c) else 1 / np.longdouble(c))
    penalty[0] = 0
    beta = np.zeros(x1.shape[1], dtype=np.longdouble)
    # Columns of unit size for the linear solve only; the raw ones differ by four orders of magnitude.
    size = np.sqrt((x1 * x1).sum(axis=0))
    for _ in range(60):
        slope, probability = gradient(x1, y, w, penalty, beta)
        hessian = (x1 * (w * probability * (1 - probability))[:, None]).T @ x1 + np.diag(penalty)
        scaled = (hessian / np.outer(size, size)).astype(float)
        step = np.linalg.solve(scaled, (slope / size).astype(float)) / size
        beta = beta - step
        if np.max(np.abs(step / np.maximum(1, np.abs(beta)))) < 1e-18:
            break
    slope, _ = gradient(x1, y, w, penalty, beta)
    return beta, float(np.max(np.abs(slope)))


def log_likelihood(x1, y, w, beta):
    eta = x1 @ beta
    return math.fsum(w * (y * eta - np.logaddexp(0, eta)))


def solve(tag, names, x, y, w, c, note):
    exact, kkt = newton(x, y, w, c)
    beta = exact.astype(float)
    assert kkt <= KKT_LIMIT, f"{tag}: KKT residual {kkt}"
    x1 = np.column_stack([np.ones(len(y)), x])
    probability = 1 / (1 + np.exp(-(x1 @ beta)))

    model = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=200)
    with warnings.catch_warnings():
        # The raw columns make scikit-learn's own Newton stop on rounding; the comparison below judges it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", scipy.linalg.LinAlgWarning)
        model.fit(x, y, sample_weight=w)
    other = np.concatenate([model.intercept_, model.coef_[0]])
    case = {
        "tag": tag,
        "note": note,
        "C": "inf" if math.isinf(c) else c,
        "names": names,
        "intercept": float(beta[0]),
        "coef": beta[1:].tolist(),
        "kkt_residual": kkt,
        "max_abs_diff_vs_sklearn_newton_cholesky": float(np.max(np.abs(other - beta))),
        "log_likelihood": log_likelihood(x1, y, w, beta),
        "proba_first_10_rows": probability[:10].tolist(),
        "proba_sum": math.fsum(probability),
    }
    assert case["max_abs_diff_vs_sklearn_newton_cholesky"] < 1e-8, tag
    return case


def inference(x, y, case):
    """Wald inference at the stored solution, checked against statsmodels."""
    x1 = np.column_stack([np.ones(len(y)), x])
    beta = np.array([case["intercept"], *case["coef"]])
    probability = 1 / (1 + np.exp(-(x1 @ beta)))
    information = (x1 * (probability * (1 - probability))[:, None]).T @ x1
    size = np.sqrt(np.diag(information))
    covariance = np.linalg.inv(information / np.outer(size, size)) / np.outer(size, size)
    std_err = np.sqrt(np.diag(covariance))
    z = beta / std_err
    half = stats.norm.ppf(0.975) * std_err

    fit = sm.Logit(y, x1).fit(method="newton", maxiter=100, tol=1e-14, disp=0)
    differences = {
        "params": np.max(np.abs(fit.params - beta)),
        "std_err": np.max(np.abs(fit.bse - std_err)),
        "p_value": np.max(np.abs(fit.pvalues - 2 * stats.norm.sf(np.abs(z)))),
        "ci95": np.max(np.abs(fit.conf_int() - np.column_stack([beta - half, beta + half]))),
        "log_likelihood": abs(fit.llf - case["log_likelihood"]),
    }
    assert max(differences.values()) < 1e-8, (case["tag"], differences)
    return {
        "order_of_vectors": "intercept first, then names",
        "std_err": std_err.tolist(),
        "z": z.tolist(),
        "p_value": (2 * stats.norm.sf(np.abs(z))).tolist(),
        "ci95_low": (beta - half).tolist(),
        "ci95_high": (beta + half).tolist(),
        "llnull": float(fit.llnull),
        "aic": float(fit.aic),
        "bic": float(fit.bic),
        "mcfadden_r2": float(fit.prsquared),
        "max_abs_diff_vs_statsmodels": {name: float(value) for name, value in differences.items()},
    }


def make():
    design = Design(DATA)
    y, n = design.y, len(design.y)
    ones = np.ones(n)
    balanced = np.where(y == 1, n / (2 * y.sum()), n / (2 * (n - y.sum())))
    by_row = 1.0 + np.arange(n) % 3

    names, x = design.standardised()
    all_note = "full one-hot, every column standardised"
    cases = [
        solve("std_all_L2_C1", names, x, y, ones, 1.0, all_note),
        solve("std_all_L2_C0.01", names, x, y, ones, 0.01, all_note),
        solve("std_all_L2_C1_balanced", names, x, y, balanced, 1.0, all_note + "; w = n/(2*n_class)"),
        solve("std_all_L2_C1_weights_mod3", names, x, y, by_row, 1.0, all_note + "; w = 1 + (row index mod 3)"),
    ]
    names, x = design.without_reference(scale_numeric=True)
    ref_note = "reference levels dropped, 0/1 columns as they are, numeric columns "
    standardised = solve("ref_numstd_none", names, x, y, ones, math.inf, ref_note + "standardised, no penalty")
    standardised |= inference(x, y, standardised)
    penalised = solve("ref_numstd_L2_C1", names, x, y, ones, 1.0, ref_note + "standardised")
    names, x = design.without_reference(scale_numeric=False)
    raw = solve("ref_raw_none", names, x, y, ones, math.inf, ref_note + "raw, no penalty")
    raw |= inference(x, y, raw)
    return {
        "made_by": "scripts/make_logit_fixture.py",
        "data": "data/german_credit.csv, all rows in file order, target 1 = bad",
        "versions": {
            "scikit-learn": sklearn.__version__,
            "statsmodels": statsmodels.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "objective": "C * sum(w * logloss) + ||b||^2 / 2, intercept not penalised; C \"inf\": no penalty",
        "encoding": "numeric columns as they are; each categorical one 0/1 column per level, levels in byte-wise "
                    "order, named column=level, in file order; reference = first level",
        "kkt_residual": "sup-norm of the gradient of sum(w * logloss) + ||b||^2 / (2C) at the solution, "
                        "before it was rounded to 64 bits",
        "rows": n,
        "positives": int(y.sum()),
        "levels": design.levels,
        "dropped_reference": design.reference,
        "names": design.names,
        "mean": design.mean.tolist(),
        "sd": design.sd.tolist(),
        "sd_note": "population standard deviation (divisor n)",
        "cases": [*cases, standardised, raw, penalised],
    }


def compare(old, new, where="fixture"):
    """Fails where two trees differ by more than 1e-9 relative to size 1, leaving the residuals aside."""
    if isinstance(old, dict):
        assert old.keys() == new.keys(), where
        for key in old:
            if not key.startswith(("kkt", "max_abs_diff", "versions")):
                compare(old[key], new[key], f"{where}.{key}")
    elif isinstance(old, list):
        assert len(old) == len(new), where
        for i, pair in enumerate(zip(old, new)):
            compare(*pair, f"{where}[{i}]")
    elif isinstance(old, float):
        assert math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-9), f"{where}: {old} {new}"
    else:
        assert old == new, f"{where}: {old} {new}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the committed fixture")
    options = parser.parse_args()
    fixture = make()
    if options.check:
        compare(json.loads(OUT.read_text()), fixture)
        print(f"{OUT}: agrees")
        return
    text = json.dumps(fixture, indent=1, allow_nan=False)
    # one line per vector, so that a changed case is a short diff
    text = re.sub(r"\[[^][{}]*\]", lambda m: re.sub(r"\s*\n\s*", " ", m[0]).replace("[ ", "[").replace(" ]", "]"), text)
    assert json.loads(text) == fixture
    OUT.write_text(text + "\n")
    for case in fixture["cases"]:
        print(case["tag"], case["kkt_residual"], case["max_abs_diff_vs_sklearn_newton_cholesky"],
              case.get("max_abs_diff_vs_statsmodels", ""))


if __name__ == "__main__":
    main()
