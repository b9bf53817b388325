#!/usr/bin/env python3
"""Makes tests/fixtures/least_squares.json: linear regressions by statsmodels, and tails by scipy.

    python3 -m venv venv && venv/bin/pip install statsmodels==0.15.0 pandas==3.1.1 scipy==1.17.1
    venv/bin/python scripts/make_least_squares_fixture.py

Longley's data are those of NIST's StRD, which come with statsmodels; the loans are the first 200 rows of
data/german_credit.csv. Every case has an intercept.
"""

import json
import pathlib

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

ROOT = pathlib.Path(__file__).parent.parent
LEVEL = 0.9


def case(name, x, y, new, weights=None):
    x, y, new = (np.asarray(it, float) for it in (x, y, new))
    design = sm.add_constant(x, has_constant="add")
    fit = (sm.OLS(y, design) if weights is None else sm.WLS(y, design, weights)).fit()
    predicted = fit.get_prediction(sm.add_constant(new, has_constant="add"), weights=None if weights is None else 1.0)
    frame = predicted.summary_frame(alpha=1 - LEVEL)
    return {
        "name": name,
        "x": x.tolist(),
        "y": y.tolist(),
        "weights": None if weights is None else list(map(float, weights)),
        "intercept": fit.params[0],
        "coefficients": fit.params[1:].tolist(),
        "std_error": fit.bse[1:].tolist(),
        "t": fit.tvalues[1:].tolist(),
        "p_value": fit.pvalues[1:].tolist(),
        "r2": fit.rsquared,
        "adjusted_r2": fit.rsquared_adj,
        "f": fit.fvalue,
        "f_p_value": fit.f_pvalue,
        "log_likelihood": fit.llf,
        "aic": fit.aic,
        "bic": fit.bic,
        "residual_variance": fit.scale,
        "level": LEVEL,
        "new": new.tolist(),
        "mean": frame["mean"].tolist(),
        "mean_error": frame["mean_se"].tolist(),
        "confidence": frame[["mean_ci_lower", "mean_ci_upper"]].values.tolist(),
        "prediction": frame[["obs_ci_lower", "obs_ci_upper"]].values.tolist(),
    }


def main():
    longley = sm.datasets.longley.load_pandas()
    columns = ["GNPDEFL", "GNP", "UNEMP", "ARMED", "POP", "YEAR"]
    x = longley.exog[columns].values
    weather = [[100.5, 25.3], [85.2, 27.1], [120.8, 24.5], [95.3, 26.2], [110.0, 26.0], [75.5, 28.0], [130.2, 23.8], [88.9, 27.5]]
    cases = [12, 8, 15, 10, 13, 6, 18, 9]
    loans = pd.read_csv(ROOT / "data" / "german_credit.csv").head(200)
    inputs = loans[["duration_months", "installment_rate_percent", "age_years", "existing_credits"]].values
    amounts = loans["credit_amount"].values
    weights = 1 + np.arange(200) % 4 / 2
    new = [[6, 4, 67, 2], [48, 2, 22, 1], [200, 1, 90, 4]]
    found = {
        "cases": [
            case("longley", x, longley.endog.values, x[[0, 15]]),
            case("weather", weather, cases, [[110.0, 26.0], [90.0, 28.0], [125.0, 24.0], [80.0, 29.0]]),
            case("loans", inputs, amounts, new),
            case("weighted_loans", inputs, amounts, new, weights),
        ],
        "student": [
            {"t": t, "df": df, "p": 2 * stats.t.sf(abs(t), df)}
            for t in (0.0, 1e-3, 0.7, -2.0, 5.0, 40.0, 1e3)
            for df in (1, 2, 3, 9.5, 30, 1000, 1e5)
        ],
        "student_quantile": [
            {"tails": tails, "df": df, "t": stats.t.isf(tails / 2, df)}
            for tails in (0.5, 0.1, 0.05, 0.01, 1e-6)
            for df in (1, 2, 5, 30, 1000, 1e5)
        ],
        "f": [
            {"f": f, "d1": d1, "d2": d2, "p": stats.f.sf(f, d1, d2)}
            for f in (0.1, 1.0, 3.5, 50.0)
            for d1, d2 in ((1, 3), (2, 5), (6, 9), (20, 800), (3, 1e5))
        ],
    }
    (ROOT / "tests" / "fixtures" / "least_squares.json").write_text(json.dumps(found, indent=1) + "\n")


main()
