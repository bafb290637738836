"""Reference values for paired-share.test.ts: python3 reference.py (SciPy).

Score statistic of a difference of paired shares by direct maximisation of the trinomial likelihood under the
hypothesis, not by Tango's closed form; limits by Brent's method.
"""
from math import log, sqrt
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm


def score(n, b, c, d):
    lo, hi = max(0.0, -d), (1 - d) / 2
    def minus_likelihood(q):  # q: share of base-only pairs, q + d: share of head-only pairs
        p = q + d
        rest = 1 - p - q
        if p < 0 or q < 0 or rest < 0:
            return 1e300
        return -((b * log(max(p, 1e-300)) if b else 0) + (c * log(max(q, 1e-300)) if c else 0) + ((n - b - c) * log(max(rest, 1e-300)) if n > b + c else 0))
    q = minimize_scalar(minus_likelihood, bounds=(lo, hi), method="bounded", options={"xatol": 1e-14}).x
    return (b - c - n * d) / sqrt(n * (2 * q + d - d * d))


for n, b, c in [(100, 8, 2), (50, 0, 0), (88, 0, 0), (120, 12, 0), (300, 21, 30), (25, 8, 0)]:
    z = 1.959963984540054
    e = (b - c) / n
    low = brentq(lambda d: score(n, b, c, d) - z, -0.999, e) if score(n, b, c, -0.999) > z else -1
    high = brentq(lambda d: score(n, b, c, d) + z, e + 1e-9, 0.999)
    print(n, b, c, f"{low:.6f} {high:.6f} p(0.005)={norm.sf(score(n, b, c, 0.005)):.6g}")
