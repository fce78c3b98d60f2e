"""A thousand tasks with nothing in them."""


def run(sc, case):
    with case.section("thousandtasks"):
        return sc.parallelize(range(1000), 1000).map(lambda n: n).count()
