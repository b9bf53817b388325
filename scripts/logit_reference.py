"""Reference solutions of penalised and sign-constrained logistic regressions, in extended precision.

Used by make_logit_fixture.py. Each solution is first sought with an outside program (scipy's L-BFGS-B on the
split of b into positive and negative parts; firthmodels for Firth's penalty), then polished here with numpy's
long double until its own optimality conditions hold far beyond the precision of the tests, and finally
compared with the outside solution.
"""

import math
import warnings

import numpy as np
from firthmodels import FirthLogisticRegression
from scipy import optimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

LONG = np.longdouble
KKT_LIMIT = 1e-12


def with_intercept(x):
    return np.column_stack([np.ones(len(x)), x])


def solve_long(matrix, right):
    """Solution of a linear system in extended precision, by elimination with row pivots."""
    a = np.column_stack([matrix, right]).astype(LONG)
    n = len(matrix)
    for i in range(n):
        pivot = i + int(np.argmax(np.abs(a[i:, i])))
        a[[i, pivot]] = a[[pivot, i]]
        a[i] /= a[i, i]
        others = np.arange(n) != i
        a[others] -= np.outer(a[others, i], a[i])
    return a[:, n:] if right.ndim > 1 else a[:, n]


def log_likelihood(x1, y, w, beta):
    eta = x1 @ np.asarray(beta, dtype=float)
    return math.fsum(w * (y * eta - np.logaddexp(0, eta)))


class Restrained:
    """Objective sum(w * logloss) + [(1 - r) ||b||^2 / 2 + r ||b||_1] / C with signs in {-1, 0, 1} (0: free)."""

    def __init__(self, x, y, w, c, l1_ratio, signs):
        self.x1, self.y, self.w = with_intercept(x), y, w
        strength = 0.0 if math.isinf(c) else 1 / c
        size = self.x1.shape[1]
        self.ridge = np.full(size, (1 - l1_ratio) * strength)
        self.lasso = np.full(size, l1_ratio * strength)
        self.ridge[0] = self.lasso[0] = 0
        self.signs = np.concatenate([[0], signs if signs is not None else np.zeros(size - 1)])

    def split(self):
        """Minimum over b = plus - minus, plus >= 0, minus >= 0, where both parts cost the same per unit."""
        def objective(parts):
            plus, minus = np.split(parts, 2)
            beta = plus - minus
            eta = self.x1 @ beta
            loss = np.sum(self.w * (np.logaddexp(0, eta) - self.y * eta))
            slope = self.x1.T @ (self.w * (1 / (1 + np.exp(-eta)) - self.y)) + self.ridge * beta
            value = loss + np.sum(self.ridge * beta**2) / 2 + np.sum(self.lasso * (plus + minus))
            return value, np.concatenate([slope + self.lasso, self.lasso - slope])

        top = np.where(self.signs >= 0, np.inf, 0)
        bottom = np.where(self.signs <= 0, np.inf, 0)
        bounds = [(0, high) for high in np.concatenate([top, bottom])]
        # Without a slope the two parts of a free coefficient could grow together; scipy does not mind.
        found = optimize.minimize(
            objective, np.zeros(2 * len(self.signs)), jac=True, method="L-BFGS-B", bounds=bounds,
            options={"maxiter": 100_000, "maxfun": 200_000, "ftol": 0, "gtol": 1e-11, "maxcor": 50},
        )
        plus, minus = np.split(found.x, 2)
        return plus - minus

    def gradient(self, beta):
        x1 = self.x1.astype(LONG)
        probability = 1 / (1 + np.exp(-(x1 @ beta)))
        return x1.T @ (self.w * (probability - self.y)) + self.ridge * beta, probability

    def polish(self, start):
        """Newton on the coefficients away from 0, then the optimality conditions of all."""
        kinked = (self.lasso > 0) | (self.signs != 0)
        free = ~kinked | (np.abs(start) > 1e-6)
        beta = np.where(free, start, 0).astype(LONG)
        side = np.where(kinked & free, np.sign(start), 0)
        x1 = self.x1.astype(LONG)[:, free]
        for _ in range(60):
            slope, probability = self.gradient(beta)
            slope = (slope + self.lasso * side)[free]
            hessian = (x1 * (self.w * probability * (1 - probability))[:, None]).T @ x1 + np.diag(self.ridge[free])
            step = solve_long(hessian, slope)
            beta[free] -= step
            if np.max(np.abs(step)) < 1e-18:
                break
        assert np.all(beta * side >= 0), "a coefficient changed sign while it was polished"
        assert np.all(beta * self.signs >= 0)
        slope, _ = self.gradient(beta)
        # the element nearest to 0 of the subdifferential, as far as the signs leave a way
        right = np.where(self.signs >= 0, np.minimum(slope + self.lasso, 0), 0)
        left = np.where(self.signs <= 0, np.maximum(slope - self.lasso, 0), 0)
        residual = np.where(free, slope + self.lasso * side, right + left)
        return beta, float(np.max(np.abs(residual))), free

    def solve(self):
        start = self.split()
        beta, kkt, free = self.polish(start)
        assert kkt <= KKT_LIMIT, kkt
        return beta, kkt, free, float(np.max(np.abs(start - beta)))


def saga(x, y, w, c, l1_ratio):
    """scikit-learn's saga on the same problem: slow, and independent of everything above."""
    model = LogisticRegression(C=c, l1_ratio=l1_ratio, solver="saga", tol=1e-10, max_iter=20_000, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y, sample_weight=w)
    return np.concatenate([model.intercept_, model.coef_[0]])


class Firth:
    """Log-likelihood plus half the log-determinant of the information."""

    def __init__(self, x, y, w):
        self.x, self.y, self.w = x, y, w

    def outside(self, tolerance):
        model = FirthLogisticRegression(max_iter=20_000, gtol=tolerance, xtol=tolerance)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(self.x, self.y, sample_weight=self.w)

    def outside_tests(self):
        """p-value of each column's test; at a tighter tolerance firthmodels stops on rounding, and gives none."""
        return self.outside(1e-6).lrt(list(range(self.x.shape[1]))).lrt_pvalues_[: self.x.shape[1]]

    def state(self, x1, beta):
        probability = 1 / (1 + np.exp(-(x1 @ beta)))
        weight = self.w * probability * (1 - probability)
        information = (x1 * weight[:, None]).T @ x1
        covariance = solve_long(information, np.eye(len(beta)))
        hat = weight * np.einsum("ij,jk,ik->i", x1, covariance, x1)
        score = x1.T @ (self.w * (self.y - probability) + hat * (0.5 - probability))
        return information, covariance, score

    def polish(self, start, held=None):
        """Quasi-Newton ascent in extended precision: scoring steps, corrected by Broyden's good update.

        A held coefficient stays where it starts, and is counted in the information.
        """
        x1 = with_intercept(self.x).astype(LONG)
        beta = start.astype(LONG)
        free = np.arange(len(beta)) != held
        information, covariance, score = self.state(x1, beta)
        inverse = solve_long(information[np.ix_(free, free)], np.eye(free.sum()))
        for _ in range(400):
            step = inverse @ score[free]
            beta[free] += step
            before = score
            information, covariance, score = self.state(x1, beta)
            if np.max(np.abs(score[free])) < 1e-15:
                break
            change = inverse @ (before - score)[free]
            inverse = inverse + np.outer(step - change, step @ inverse) / (step @ change)
        kkt = float(np.max(np.abs(score[free])))
        assert kkt <= KKT_LIMIT, kkt
        return beta, kkt, np.sqrt(np.diag(covariance)).astype(float)

    def column_tests(self, beta):
        """Twice the difference of the penalised log-likelihoods with each coefficient at 0."""
        top = self.penalised(beta)
        chi_square = []
        for column in range(1, len(beta)):
            start = beta.copy()
            start[column] = 0
            smaller, _, _ = self.polish(start, held=column)
            chi_square.append(2 * (top - self.penalised(smaller)))
        return np.array(chi_square)

    def augmented_std_err(self, beta):
        """Standard errors with every weight w raised by the hat diagonal h, as firthmodels has them."""
        x1 = with_intercept(self.x)
        probability = 1 / (1 + np.exp(-(x1 @ beta)))
        odds = probability * (1 - probability)
        covariance = np.linalg.inv((x1 * (self.w * odds)[:, None]).T @ x1)
        hat = self.w * odds * np.einsum("ij,jk,ik->i", x1, covariance, x1)
        return np.sqrt(np.diag(np.linalg.inv((x1 * ((self.w + hat) * odds)[:, None]).T @ x1)))

    def penalised(self, beta):
        """Penalised log-likelihood, up to the constant that the columns' units put into it."""
        x1 = with_intercept(self.x)
        probability = 1 / (1 + np.exp(-(x1 @ np.asarray(beta, dtype=float))))
        information = (x1 * (self.w * probability * (1 - probability))[:, None]).T @ x1
        return log_likelihood(x1, self.y, self.w, beta) + 0.5 * np.linalg.slogdet(information)[1]

    def null(self):
        """Penalised log-likelihood with every coefficient but the intercept at 0."""
        size = self.x.shape[1]
        def negative(intercept):
            return -self.penalised(np.concatenate([[intercept], np.zeros(size)]))
        found = optimize.minimize_scalar(negative, bracket=(-2, 0), method="brent", options={"xtol": 1e-12})
        return -found.fun
