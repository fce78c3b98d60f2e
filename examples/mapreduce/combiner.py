"""A combiner: the largest order of each country, of which a map task sends only its own largest.

python examples/mapreduce/combiner.py examples/data/orders.csv

The counters say how many pairs the mappers made, 40, and how few of them were sent to reducers.
"""

import csv

from pyrite.mapreduce import Combiner, Mapper, Reducer, run


class Orders(Mapper):
    def map(self, key, line):
        _, country, _, quantity, price = next(csv.reader([line]))
        if country != "country":
            yield country, int(quantity) * float(price)


class LargestHere(Combiner):
    def reduce(self, country, amounts):
        yield country, max(amounts)


class Largest(Reducer):
    def reduce(self, country, amounts):
        yield country, f"{max(amounts):.2f}"


if __name__ == "__main__":
    run(Orders, Largest, combiner=LargestHere)
