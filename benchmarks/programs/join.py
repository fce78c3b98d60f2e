"""Join the edges of a graph with the names of its nodes."""


def run(sc, case):
    with case.section("join"):
        names = sc.textFile(case.file("nodes.txt")).map(lambda line: tuple(line.split()))
        edges = sc.textFile(case.file("edges.txt")).map(lambda line: tuple(line.split()))
        joined = edges.join(names)
        found = joined.filter(lambda row: row[1][1].startswith("e")).count()
    return found
