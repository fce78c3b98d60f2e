"""Group pairs by key, and reduce each group to the span of its values."""


def edge(line):
    source, target = line.split()
    return int(source), int(target)


def run(sc, case):
    with case.section("group"):
        spans = (
            sc.textFile(case.file("edges.txt"))
            .map(edge)
            .groupByKey()
            .mapValues(lambda targets: max(targets) - min(targets))
            .values()
            .sum()
        )
    return spans
