"""TF-IDF in three steps: which words tell a document from the others.

python examples/mapreduce/tf_idf.py examples/data/rhymes -D documents=3

A word weighs much in a document that has it often, and less the more documents have it. Each
step sees more of the whole: a word in a document, a document, a word in all documents. They are
chained in memory.
"""

import math
import re

from pyrite.mapreduce import Combiner, Job, Mapper, Reducer, Step


class Words(Mapper):
    def map(self, key, line):
        for word in re.findall(r"[a-z']+", line.lower()):
            yield (word, self.input_name), 1


class Count(Combiner):
    def reduce(self, word_and_name, counts):
        yield word_and_name, sum(counts)


class ByDocument(Mapper):
    def map(self, word_and_name, count):
        word, name = word_and_name
        yield name, (word, count)


class Frequency(Reducer):
    def reduce(self, name, counts):
        counts = list(counts)  # the different words of one document
        total = sum(count for _, count in counts)
        for word, count in counts:
            yield word, (name, count / total)


class Weight(Reducer):
    def setup(self):
        self.documents = int(self.setting("documents", "3"))

    def reduce(self, word, frequencies):
        frequencies = list(frequencies)
        rarity = math.log(self.documents / len(frequencies))
        for name, frequency in sorted(frequencies):
            if rarity:
                yield f"{name} {word}", f"{frequency * rarity:.4f}"


STEPS = [
    Step(Words, Count, combiner=Count),
    Step(ByDocument, Frequency),
    Step(Mapper, Weight),
]

if __name__ == "__main__":
    Job(STEPS).main()
