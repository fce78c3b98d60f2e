"""Word count in ten lines.

python examples/mapreduce/word_count.py examples/data/rhymes
"""

from pyrite.mapreduce import Mapper, Reducer, run


class Words(Mapper):
    def map(self, key, line):
        for word in line.split():
            yield word, 1


class Sum(Reducer):
    def reduce(self, word, counts):
        yield word, sum(counts)


if __name__ == "__main__":
    run(Words, Sum, combiner=Sum)
