"""Build the links of a graph from its edges, and keep them in memory."""


def edge(line):
    source, target = line.split()
    return int(source), int(target)


def run(sc, case):
    with case.section("links"):
        links = sc.textFile(case.file("edges.txt")).map(edge).distinct().groupByKey().cache()
        count = links.count()
    return [count, links.mapValues(len).values().max()]
