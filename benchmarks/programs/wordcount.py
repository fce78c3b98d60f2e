"""Count the words of a text."""


def run(sc, case):
    with case.section("wordcount"):
        counts = (
            sc.textFile(case.file("words.txt"))
            .flatMap(lambda line: line.split())
            .map(lambda word: (word, 1))
            .reduceByKey(lambda a, b: a + b)
            .collect()
        )
    return [len(counts), sum(n for _, n in counts), max(counts, key=lambda pair: pair[1])]
