"""Count and measure words by functions of one's own, which no engine can know beforehand."""


def normalized(word):
    if len(word) > 3 and word.endswith("s"):
        word = word[:-1]
    return word.capitalize()


def merged(a, b):
    count, longest = a
    return count + b[0], longest if longest > b[1] else b[1]


def run(sc, case):
    with case.section("wordstats"):
        found = (
            sc.textFile(case.file("words.txt"))
            .flatMap(lambda line: ((normalized(word), (1, len(line))) for word in line.split()))
            .reduceByKey(merged)
            .collect()
        )
    return [len(found), sum(n for _, (n, _) in found), max(m for _, (_, m) in found)]
