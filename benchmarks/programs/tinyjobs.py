"""Ten jobs with hardly any work in them."""


def run(sc, case):
    with case.section("tinyjobs"):
        return [sc.parallelize(range(8), 2).map(lambda n, i=i: n * i).sum() for i in range(10)]
