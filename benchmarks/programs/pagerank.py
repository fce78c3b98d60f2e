"""PageRank, five iterations: one that has to build and keep the links, and four that have them."""

DAMPING = 0.85
ITERATIONS = 5


def edge(line):
    source, target = line.split()
    return int(source), int(target)


def shares(targets, rank):
    for target in targets:
        yield target, rank / len(targets)


def iterated(links, ranks):
    return (
        links.join(ranks)
        .flatMap(lambda node: shares(*node[1]))
        .reduceByKey(lambda a, b: a + b)
        .mapValues(lambda rank: 1 - DAMPING + DAMPING * rank)
    )


def run(sc, case):
    with case.section("pagerank"):
        with case.section("pagerank, first iteration"):
            edges = sc.textFile(case.file("edges.txt")).map(edge)
            links = edges.distinct().groupByKey().cache()
            ranks = iterated(links, links.mapValues(lambda targets: 1.0))
            reached = ranks.count()
        with case.section("pagerank, four cached iterations"):
            for _ in range(ITERATIONS - 1):
                ranks = iterated(links, ranks)
            top = ranks.takeOrdered(5, key=lambda node: (-node[1], node[0]))
    return [reached, top]
