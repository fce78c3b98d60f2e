"""Means with a combiner: how long each page took, from a file with a JSON object on each line.

python examples/mapreduce/mean.py examples/data/requests.json

The mean of means is not the mean. So the combiner adds up sums and counts, and only the reducer
divides.
"""

from pyrite.mapreduce import Combiner, Json, Mapper, Reducer, run


class Times(Mapper):
    def map(self, key, request):
        yield request["page"], (request["milliseconds"], 1)


def add(pairs):
    """Add up pairs of a sum and a count."""
    total = count = 0
    for some, n in pairs:
        total += some
        count += n
    return total, count


class Add(Combiner):
    def reduce(self, page, pairs):
        yield page, add(pairs)


class Mean(Reducer):
    def reduce(self, page, pairs):
        total, count = add(pairs)
        yield page, round(total / count, 1)


if __name__ == "__main__":
    run(Times, Mean, combiner=Add, reads=Json())
