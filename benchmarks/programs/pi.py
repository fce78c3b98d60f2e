"""Pi, from darts that cover a square evenly (the R2 sequence, so that each run throws the same)."""


def inside(n):
    x = n * 0.7548776662466927 % 1
    y = n * 0.5698402909980532 % 1
    return 1 if x * x + y * y <= 1 else 0


def run(sc, case):
    darts = case.sized(6_000_000)
    with case.section("pi"):
        hits = sc.range(darts, numSlices=4).map(inside).reduce(lambda a, b: a + b)
    return 4 * hits / darts
