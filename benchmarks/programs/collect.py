"""Bring four million integers to the driver."""


def run(sc, case):
    with case.section("collect"):
        numbers = sc.range(case.sized(4_000_000)).collect()
    return [len(numbers), sum(numbers), numbers[:3]]
