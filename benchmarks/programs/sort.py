"""Sort the numbers of a file, and count them."""


def run(sc, case):
    with case.section("sort"):
        ordered = sc.textFile(case.file("numbers.txt")).map(int).sortBy(lambda n: n)
        count = ordered.count()
    return [count, ordered.take(5)]
