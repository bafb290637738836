"""Reference values for test/core/statistics, from SciPy, NumPy and statsmodels.

    python3 -m pip install scipy==1.17.1 statsmodels==0.15.0
    python3 make_reference.py > reference.json
"""
import json
import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

rng = np.random.default_rng(20260101)


def quantiles():
    cases = []
    for n in (1, 2, 7, 100):
        values = np.round(rng.lognormal(4, 0.5, n), 3)
        qs = [0, 0.1, 0.5, 0.9, 0.95, 0.99, 1]
        cases.append({"values": values.tolist(), "q": qs, "expected": np.quantile(values, qs).tolist()})
    return cases


def student():
    points = [(t, df) for t in (-8.5, -1.2, 0, 0.3, 2.1, 9.0) for df in (3, 17.5, 52, 1e10)]
    return [{"t": t, "df": df, "upper": stats.t.sf(t, df)} for t, df in points]


def student_quantiles():
    points = [(p, df) for p in (0.01, 0.2, 0.95, 0.975, 0.9995) for df in (3, 17.5, 52, 1e10)]
    return [{"p": p, "df": df, "expected": stats.t.ppf(p, df)} for p, df in points]


def welch():
    # Degrees of freedom as SciPy's Welch test reports them.
    cases = []
    for na, nb, spread in ((5, 9, 1.0), (12, 4, 3.0), (30, 30, 0.2)):
        a, b = rng.normal(0, 1, na), rng.normal(0, spread, nb)
        df = stats.ttest_ind(a, b, equal_var=False).df
        parts = [{"variance": float(np.var(x, ddof=1) / len(x)), "df": len(x) - 1} for x in (a, b)]
        cases.append({"parts": parts, "df": float(df)})
    return cases


def wilson():
    points = [(0, 10), (1, 10), (10, 10), (3, 88), (500, 10000)]
    return [
        {"k": k, "n": n, "expected": [float(x) for x in proportion_confint(k, n, alpha=0.05, method="wilson")]}
        for k, n in points
    ]


def newcombe():
    points = [(56, 70, 48, 80), (9, 10, 3, 10), (0, 88, 0, 88), (10, 100, 0, 90), (5, 500, 4, 400)]
    out = []
    for k1, n1, k0, n0 in points:
        low, high = confint_proportions_2indep(k1, n1, k0, n0, method="newcomb", compare="diff", alpha=0.05)
        out.append({"head": {"k": k1, "n": n1}, "base": {"k": k0, "n": n0}, "expected": [float(low), float(high)]})
    return out


def holm():
    cases = []
    for m in (1, 5, 22):
        p = np.round(rng.uniform(0, 1, m) ** 4, 6)
        cases.append({"p": p.tolist(), "alpha": 0.05, "expected": multipletests(p, 0.05, "holm")[0].tolist()})
    return cases


def cluster_quantile():
    # Design effect and Woodruff errors, written out once more with NumPy.
    cases = []
    for blocks, size, q in ((6, 20, 0.5), (4, 100, 0.95), (9, 7, 0.5)):
        shift = rng.normal(0, 8, blocks)
        block = np.repeat(np.arange(blocks), size)
        values = np.round(60 + rng.exponential(20, blocks * size) + shift[block], 2)
        at = np.quantile(values, q)
        n = len(values)
        above = (values > at) + 0.5 * (values == at)
        k = np.array([above[block == b].sum() for b in range(blocks)])
        nb = np.full(blocks, size)
        effect = blocks / (blocks - 1) * np.sum((k - nb * k.sum() / n) ** 2) / n**2 / (q * (1 - q) / n)
        d = max(1.0, effect)
        width = 2.5 * np.sqrt(d * q * (1 - q) / n)
        low, high = np.quantile(values, max(0, q - width)), np.quantile(values, min(1, q + width))
        cases.append({
            "values": values.tolist(), "blocks": block.tolist(), "q": q, "quantile": float(at), "effect": float(effect),
            "seDown": float((at - low) / 2.5), "seUp": float((high - at) / 2.5),
        })
    return cases


def cluster_share():
    # Linearised ratio estimator: statsmodels' cluster-robust variance of an intercept-only OLS, same small-sample factor.
    import statsmodels.api as sm

    cases = []
    for blocks, size in ((5, 12), (12, 40)):
        rate = rng.beta(2, 20, blocks)
        block = np.repeat(np.arange(blocks), size)
        y = (rng.uniform(size=blocks * size) < rate[block]).astype(float)
        fit = sm.OLS(y, np.ones_like(y)).fit(cov_type="cluster", cov_kwds={"groups": block, "use_correction": False})
        variance = float(fit.cov_params()[0][0]) * blocks / (blocks - 1)
        counts = [{"k": int(y[block == b].sum()), "n": size} for b in range(blocks)]
        cases.append({"counts": counts, "share": float(y.mean()), "variance": variance})
    return cases


print(json.dumps({
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
    "quantiles": quantiles(), "student": student(), "studentQuantiles": student_quantiles(), "welch": welch(),
    "wilson": wilson(), "newcombe": newcombe(), "holm": holm(), "clusterQuantile": cluster_quantile(),
    "clusterShare": cluster_share(),
}, indent=1))
