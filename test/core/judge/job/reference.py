"""One-sided p of "more often than before" by Newcombe's interval, for few runs: standard library alone, from the papers' formulas.

    python3 reference.py

Newcombe 1998, method 10 (lower limit from Wilson's limits); the z at which it meets 0 by bisection; p = 1 - Phi(z). `exact`: the largest
chance, over every rate that both sides may share, of a table at least as extreme by that p (Barnard's unconditional test).
"""
from math import comb, erfc, hypot, sqrt


def wilson(k, n, z):
    share, z2 = k / n, z * z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return (0 if k == 0 else centre - half, 1 if k == n else centre + half)


def lower(head, base, z):
    change = head[0] / head[1] - base[0] / base[1]
    return change - hypot(head[0] / head[1] - wilson(*head, z)[0], wilson(*base, z)[1] - base[0] / base[1])


def p_value(head, base):
    if head[0] / head[1] <= base[0] / base[1]:
        return 0.5
    low, high = 0.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if lower(head, base, middle) > 0 else (low, middle)
    return erfc(low / sqrt(2)) / 2


def exact(head, base):
    observed = p_value(head, base) * (1 + 1e-9)
    tables = [
        (x, y)
        for x in range(head[1] + 1)
        for y in range(base[1] + 1)
        if x / head[1] > y / base[1] and p_value((x, head[1]), (y, base[1])) <= observed
    ]

    def chance(rate):
        return sum(
            comb(head[1], x) * comb(base[1], y) * rate ** (x + y) * (1 - rate) ** (head[1] + base[1] - x - y)
            for x, y in tables
        )

    return max(chance(step / 200) for step in range(1, 200))


for head, base in [
    ((3, 3), (0, 3)),
    ((3, 3), (0, 6)),
    ((3, 3), (0, 9)),
    ((2, 3), (0, 3)),
    ((2, 3), (0, 9)),
    ((1, 3), (0, 9)),
    ((3, 3), (1, 9)),
    ((9, 9), (0, 9)),
]:
    print(f"{head[0]} of {head[1]} against {base[0]} of {base[1]}: {p_value(head, base):.10g}, exact {exact(head, base):.3g}")
