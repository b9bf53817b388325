#!/usr/bin/env python3
"""Makes tests/fixtures/logit_german_uci.json: logistic regressions on data/german_credit.csv.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 statsmodels==0.15.0 firthmodels==0.8.2
    venv/bin/python scripts/make_logit_fixture.py            write the fixture
    venv/bin/python scripts/make_logit_fixture.py --check    compute again and compare at 1e-9

Objective of every case: C * sum(w * logloss) + (1 - r) / 2 * ||b||^2 + r * ||b||_1 with r = l1_ratio, intercept
not penalised; C = "inf" leaves the penalty out. Some cases constrain signs, some use Firth's penalty instead.
Each solution is polished in extended precision and must then agree with an outside program: scikit-learn
(newton-cholesky, tol 1e-12; saga for L1), scipy's L-BFGS-B with bounds, firthmodels and, without a penalty,
statsmodels.
"""

import argparse
import csv
import importlib.metadata
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
from statsmodels.stats.outliers_influence import variance_inflation_factor

from firthmodels.separation import detect_separation
from logit_reference import Firth, Restrained, log_likelihood, saga, with_intercept

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

    def without_reference(self, scale_numeric, scale_indicators=False):
        keep = [i for i, name in enumerate(self.names) if name not in self.reference]
        x = self.x.copy()
        if scale_numeric:
            for i in keep:
                if scale_indicators or self.names[i] in NUMERIC:
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
    # in closed form: statsmodels' own null model is fitted to its default tolerance
    share = y.mean()
    null = y.sum() * math.log(share) + (len(y) - y.sum()) * math.log1p(-share)
    assert abs(null - fit.llnull) < 1e-6, (null, fit.llnull)
    chi_square = 2 * (case["log_likelihood"] - null)
    return {
        "order_of_vectors": "intercept first, then names",
        "std_err": std_err.tolist(),
        "z": z.tolist(),
        "p_value": (2 * stats.norm.sf(np.abs(z))).tolist(),
        "ci95_low": (beta - half).tolist(),
        "ci95_high": (beta + half).tolist(),
        "llnull": null,
        "aic": float(fit.aic),
        "bic": float(fit.bic),
        "mcfadden_r2": 1 - case["log_likelihood"] / null,
        "parameters": float(x1.shape[1]),
        "lr_chi2": float(chi_square),
        "lr_df": x.shape[1],
        "lr_p": float(stats.chi2.sf(chi_square, x.shape[1])),
        "vif": [float(variance_inflation_factor(x1, i)) for i in range(1, x1.shape[1])],
        "max_abs_diff_vs_statsmodels": {name: float(value) for name, value in differences.items()},
    }


def column_tests(x, y, case):
    """Likelihood-ratio test of each column by refitting without it, with statsmodels."""
    chi_square = []
    for column in range(x.shape[1]):
        smaller = with_intercept(np.delete(x, column, axis=1))
        fit = sm.Logit(y, smaller).fit(method="newton", maxiter=100, tol=1e-14, disp=0)
        chi_square.append(2 * (case["log_likelihood"] - float(fit.llf)))
    return {"column_chi2": chi_square, "column_p": stats.chi2.sf(chi_square, 1).tolist()}


def information_criteria(x, y, w, case):
    """AIC and BIC with the trace of I (I + P)^-1 over the coefficients that are not 0 as parameters."""
    beta = np.array([case["intercept"], *case["coef"]])
    free = np.concatenate([[True], beta[1:] != 0])
    x1 = with_intercept(x)[:, free]
    probability = 1 / (1 + np.exp(-(x1 @ beta[free])))
    information = (x1 * (w * probability * (1 - probability))[:, None]).T @ x1
    strength = 0 if case["C"] == "inf" else (1 - case.get("l1_ratio", 0)) / case["C"]
    penalty = strength * np.eye(len(information))
    penalty[0, 0] = 0
    parameters = float(np.trace(np.linalg.solve(information + penalty, information)))
    return {
        "parameters": parameters,
        "aic": 2 * parameters - 2 * case["log_likelihood"],
        "bic": parameters * math.log(math.fsum(w)) - 2 * case["log_likelihood"],
    }


def restrained(tag, names, x, y, w, c, l1_ratio, signs, note):
    """A case with an L1 penalty or sign constraints."""
    problem = Restrained(x, y, w, c, l1_ratio, signs)
    beta, kkt, free, gap = problem.solve()
    beta = beta.astype(float)
    assert gap < 1e-5, (tag, gap)
    case = {
        "tag": tag,
        "note": note,
        "C": "inf" if math.isinf(c) else c,
        "l1_ratio": l1_ratio,
        "names": names,
        "intercept": float(beta[0]),
        "coef": beta[1:].tolist(),
        "zeros": int(np.sum(beta == 0)),
        "kkt_residual": kkt,
        "max_abs_diff_vs_scipy_lbfgsb": gap,
        "log_likelihood": log_likelihood(with_intercept(x), y, w, beta),
    }
    if signs is None:
        case["max_abs_diff_vs_sklearn_saga"] = float(np.max(np.abs(saga(x, y, w, c, l1_ratio) - beta)))
        assert case["max_abs_diff_vs_sklearn_saga"] < 1e-5, (tag, case["max_abs_diff_vs_sklearn_saga"])
    else:
        case["signs"] = signs.astype(int).tolist()
    case |= information_criteria(x, y, w, case)
    if signs is not None and math.isinf(c):
        # the same model by statsmodels, on the columns that no constraint holds at 0
        fit = sm.Logit(y, with_intercept(x)[:, free]).fit(method="newton", maxiter=100, tol=1e-14, disp=0)
        assert np.max(np.abs(fit.params - beta[free])) < 1e-8, tag
        for key, found, otherwise in [("std_err", fit.bse, 0), ("z", fit.tvalues, 0), ("p_value", fit.pvalues, 1)]:
            values = np.full(len(beta), float(otherwise))
            values[free] = found
            case[key] = values.tolist()
        ends = np.column_stack([beta, beta])
        ends[free] = fit.conf_int()
        case["ci95_low"], case["ci95_high"] = ends.T.tolist()
    return case


def firth(tag, names, x, y, w, note, with_tests=True):
    """A case with Firth's penalty."""
    problem = Firth(x, y, w)
    other = problem.outside(1e-9)
    start = np.concatenate([[other.intercept_], other.coef_])
    beta, kkt, std_err = problem.polish(start)
    beta = beta.astype(float)
    gap = float(np.max(np.abs(start - beta)))
    assert gap < 1e-5, (tag, gap)
    # firthmodels puts the intercept last, and takes the information of the augmented data for its errors; the
    # fixture has the inverse of the information itself (Heinze and Schemper 2002)
    assert np.max(np.abs(np.roll(other.bse_, 1) / problem.augmented_std_err(beta) - 1)) < 1e-5, tag
    z = beta / std_err
    half = stats.norm.ppf(0.975) * std_err
    chi_square = 2 * (problem.penalised(beta) - problem.null())
    tests = {}
    if with_tests:
        column_chi2 = problem.column_tests(beta)
        column_p = stats.chi2.sf(column_chi2, 1)
        assert np.max(np.abs(column_p - problem.outside_tests())) < 1e-5, tag
        tests = {"column_chi2": column_chi2.tolist(), "column_p": column_p.tolist()}
    return {
        "tag": tag,
        "note": note,
        "C": "firth",
        "names": names,
        "rows": len(y),
        "intercept": float(beta[0]),
        "coef": beta[1:].tolist(),
        "kkt_residual": kkt,
        "max_abs_diff_vs_firthmodels": gap,
        "log_likelihood": log_likelihood(with_intercept(x), y, w, beta),
        "std_err": std_err.tolist(),
        "z": z.tolist(),
        "p_value": (2 * stats.norm.sf(np.abs(z))).tolist(),
        "ci95_low": (beta - half).tolist(),
        "ci95_high": (beta + half).tolist(),
        "lr_chi2": float(chi_square),
        "lr_df": x.shape[1],
        "lr_p": float(stats.chi2.sf(chi_square, x.shape[1])),
    } | tests


def restrained_cases(design, ones, balanced, by_row):
    y = design.y
    everything, full = design.standardised()
    names, x = design.without_reference(scale_numeric=True, scale_indicators=True)
    note = "reference levels dropped, every column standardised"
    signs = np.array([1, -1, 0])[np.arange(len(names)) % 3]
    sign_note = note + "; signs +1, -1, 0 (free) in turn over the columns"
    return [
        restrained("std_ref_L1_C1", names, x, y, ones, 1.0, 1.0, None, note),
        restrained("std_ref_L1_C0.01", names, x, y, ones, 0.01, 1.0, None, note),
        restrained("std_all_EN_C0.05_r0.5", everything, full, y, ones, 0.05, 0.5, None,
                   "full one-hot, every column standardised"),
        restrained("std_ref_EN_C0.1_r0.3_balanced", names, x, y, balanced, 0.1, 0.3, None,
                   note + "; w = n/(2*n_class)"),
        restrained("std_ref_signs_none", names, x, y, ones, math.inf, 0.0, signs, sign_note),
        restrained("std_ref_signs_L2_C0.1", names, x, y, ones, 0.1, 0.0, signs, sign_note),
        restrained("std_ref_signs_L1_C0.05_weights_mod3", names, x, y, by_row, 0.05, 1.0, signs,
                   sign_note + "; w = 1 + (row index mod 3)"),
    ]


def firth_cases(design, ones, by_row):
    y = design.y
    names, x = design.without_reference(scale_numeric=True)
    note = "reference levels dropped, 0/1 columns as they are, numeric columns standardised (over all rows)"
    cases = [
        firth("ref_numstd_firth", names, x, y, ones, note),
        firth("ref_numstd_firth_weights_mod3", names, x, y, by_row, note + "; w = 1 + (row index mod 3)",
              with_tests=False),
    ]
    few = [
        i for i, name in enumerate(names)
        if "=" not in name or name.startswith(("checking", "credit_history", "housing", "foreign"))
    ]
    # Both subsets are separated (firthmodels.separation), the smaller one completely.
    for rows in (60, 40):
        part = x[:rows][:, few]
        varying = part.std(axis=0) > 0
        assert detect_separation(part[:, varying], y[:rows]).separation
        cases.append(firth(
            f"ref_numstd_firth_first_{rows}", [names[i] for i, keep in zip(few, varying) if keep],
            part[:, varying], y[:rows], ones[:rows], note + f"; the first {rows} rows, which are separated",
        ))
    return cases


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
    standardised |= column_tests(design.without_reference(scale_numeric=True)[1], y, standardised)
    penalised |= information_criteria(design.without_reference(scale_numeric=True)[1], y, ones, penalised)
    more = [*restrained_cases(design, ones, balanced, by_row), *firth_cases(design, ones, by_row)]
    return {
        "made_by": "scripts/make_logit_fixture.py",
        "data": "data/german_credit.csv, all rows in file order, target 1 = bad",
        "versions": {
            "scikit-learn": sklearn.__version__,
            "statsmodels": statsmodels.__version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "firthmodels": importlib.metadata.version("firthmodels"),
        },
        "objective": "C * sum(w * logloss) + (1 - l1_ratio) / 2 * ||b||^2 + l1_ratio * ||b||_1, intercept not "
                     "penalised; C \"inf\": no penalty; C \"firth\": -sum(w * logloss) + log(det(I)) / 2, maximised",
        "encoding": "numeric columns as they are; each categorical one 0/1 column per level, levels in byte-wise "
                    "order, named column=level, in file order; reference = first level",
        "kkt_residual": "sup-norm of the (projected sub)gradient of sum(w * logloss) + penalty / C at the "
                        "solution, or of Firth's modified score, before it was rounded to 64 bits",
        "rows": n,
        "positives": int(y.sum()),
        "levels": design.levels,
        "dropped_reference": design.reference,
        "names": design.names,
        "mean": design.mean.tolist(),
        "sd": design.sd.tolist(),
        "sd_note": "population standard deviation (divisor n)",
        "cases": [*cases, standardised, raw, penalised, *more],
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
        print(case["tag"], case["kkt_residual"],
              {key: value for key, value in case.items() if key.startswith("max_abs_diff")})


if __name__ == "__main__":
    main()
