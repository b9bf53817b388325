#!/usr/bin/env python3
"""Makes tests/fixtures/evidence.json: tables of one score and comparisons of two, on scores that are in the fixtures.

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.9.1 pandas==3.1.1
    venv/bin/python scripts/make_evidence_fixture.py

Scores come from loan_scores.csv (a column's name) and metrics.json (a vector's name). A row is declined when
p >= threshold. Everything is worked out with numpy, pandas, scipy and scikit-learn from the plain definitions.
"""

import json
import pathlib

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import confusion_matrix, roc_auc_score, roc_curve

FIXTURES = pathlib.Path(__file__).parent.parent / "tests" / "fixtures"
LOANS = pd.read_csv(FIXTURES / "loan_scores.csv")
VECTORS = {case["name"]: case for case in json.loads((FIXTURES / "metrics.json").read_text())["cases"]}


def scored(name):
    """Events and probabilities of a score."""
    if name in LOANS:
        return LOANS["event"].to_numpy(), LOANS[name].to_numpy()
    return np.array(VECTORS[name]["events"]), np.array(VECTORS[name]["scores"])


def gains(y, p, bands=10):
    """Bands of equal size from the highest score; tied rows share the band of the first of them."""
    rank = pd.Series(p).rank(method="min", ascending=False).to_numpy().astype(int) - 1
    frame = pd.DataFrame({"band": rank * bands // len(p), "p": p, "bad": y, "good": 1 - y})
    table = frame.groupby("band").agg(low=("p", "min"), high=("p", "max"), rows=("p", "size"), bads=("bad", "sum"),
                                      goods=("good", "sum")).reset_index(drop=True)
    cumulative = table[["rows", "goods", "bads"]].cumsum() / table[["rows", "goods", "bads"]].sum()
    table["bad_rate"] = table["bads"] / table["rows"]
    for column in cumulative:
        table["cumulative_" + column] = cumulative[column]
    table["ks"] = (cumulative["bads"] - cumulative["goods"]).abs()
    table["lift"] = table["bad_rate"] / y.mean()
    table["cumulative_lift"] = table["bads"].cumsum() / table["rows"].cumsum() / y.mean()
    return table.to_dict(orient="list")


def murphy(y, p, bins=10):
    """Reliability, resolution and uncertainty over equal bins (low, high], the first one closed."""
    frame = pd.DataFrame({"y": y, "p": p, "bin": np.digitize(p, np.linspace(0, 1, bins + 1)[1:-1], right=True)})
    means, share = frame.groupby("bin")[["y", "p"]].mean(), frame.groupby("bin").size() / len(y)
    rate = y.mean()
    return {"reliability": float((share * (means["p"] - means["y"]) ** 2).sum()),
            "resolution": float((share * (means["y"] - rate) ** 2).sum()), "uncertainty": float(rate * (1 - rate))}


def evidence(name, threshold):
    y, p = scored(name)
    declined = p >= threshold
    tn, fp, fn, tp = confusion_matrix(y, declined).ravel().tolist()
    grid = np.arange(101) / 100
    below = {kind: (np.searchsorted(np.sort(p[y == flag]), grid, side="left") / (y == flag).sum()).tolist()
             for kind, flag in (("goods", 0), ("bads", 1))}
    return {"name": name, "threshold": threshold, "gains": gains(y, p), "murphy": murphy(y, p),
            "observed_to_expected": float(y.sum() / p.sum()),
            "decisions": {"true_negatives": tn, "false_positives": fp, "false_negatives": fn, "true_positives": tp,
                          "approval_rate": float((~declined).mean()), "bad_rate_approved": float(y[~declined].mean()),
                          "bad_rate_declined": float(y[declined].mean())},
            "below": below}


def stability(development, other, rows):
    """Deciles of the first sample, equal ones joined, bins [low, high), the outer ones open, an empty one at 1e-4."""
    take = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2), "first_half": slice(None, 250),
            "second_half": slice(250, None)}
    a, b = scored(development)[1][take[rows[0]]], scored(other)[1][take[rows[1]]]
    inner = np.unique(np.quantile(a, np.arange(11) / 10))[1:-1]
    counts = [np.bincount(np.searchsorted(inner, x, side="right"), minlength=len(inner) + 1) for x in (a, b)]
    shares = [np.where(count > 0, count / count.sum(), 1e-4) for count in counts]
    return {"development": development, "other": other, "rows": rows, "edges": inner.tolist(),
            "development_rows": counts[0].tolist(), "other_rows": counts[1].tolist(),
            "index": float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())}


def swap_set(y, p, q, t, u):
    cells = {}
    for cell, chosen in {"approved_by_both": (p < t) & (q < u), "swapped_in": (p >= t) & (q < u),
                         "swapped_out": (p < t) & (q >= u), "declined_by_both": (p >= t) & (q >= u)}.items():
        cells[cell] = {"rows": int(chosen.sum()), "bads": int(y[chosen].sum()),
                       "bad_rate": float(y[chosen].mean()) if chosen.any() else None}
    return {"champion_threshold": t, "challenger_threshold": u} | cells


def comparison(champion, challenger, t, u):
    (y, p), (_, q) = scored(champion), scored(challenger)
    # Declining from the (k + 1)-th lowest distinct value on approves at least k rows with the lowest threshold.
    k = int((p < t).sum())
    equal = float(min(v for v in np.unique(q) if (q < v).sum() >= k))
    ks = [float(np.abs(np.subtract(*roc_curve(y, x, drop_intermediate=False)[:2])).max()) for x in (p, q)]
    return {"champion": champion, "challenger": challenger,
            "auc_difference": float(roc_auc_score(y, q) - roc_auc_score(y, p)), "ks_difference": ks[1] - ks[0],
            "rank_correlation": float(stats.spearmanr(p, q).statistic),
            "swap_set": swap_set(y, p, q, t, u), "swap_set_at_equal_approval": swap_set(y, p, q, t, equal)}


FIXTURE = {
    "evidence": [evidence("lr_lbfgs", 0.3), evidence("german_test_hgb", 0.25), evidence("rounded_500", 0.4)],
    "stability": [stability("lr_lbfgs", "lr_lbfgs", ["even", "odd"]), stability("lr_lbfgs", "lgbm", ["all", "all"]),
                  stability("german_test_lr_lbfgs", "german_test_hgb", ["all", "all"]),
                  stability("rounded_500", "rounded_500", ["first_half", "second_half"]),
                  stability("heavy_ties", "german_test_hgb", ["all", "all"])],
    "comparisons": [comparison("lr_lbfgs", "lgbm", 0.3, 0.2),
                    comparison("german_test_lr_lbfgs", "german_test_lgbm", 0.25, 0.5)],
}

if __name__ == "__main__":
    (FIXTURES / "evidence.json").write_text(json.dumps(FIXTURE) + "\n")
