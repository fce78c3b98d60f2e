"""An inverted index: which files each word is in.

python examples/mapreduce/inverted_index.py examples/data/rhymes
"""

import re

from pyrite.mapreduce import Combiner, Mapper, Reducer, run


class Words(Mapper):
    def map(self, key, line):
        for word in re.findall(r"[a-z']+", line.lower()):
            yield word, self.input_name


class Distinct(Combiner):
    def reduce(self, word, names):
        for name in sorted(set(names)):
            yield word, name


class Index(Reducer):
    def reduce(self, word, names):
        yield word, " ".join(sorted(set(names)))


if __name__ == "__main__":
    run(Words, Index, combiner=Distinct)
