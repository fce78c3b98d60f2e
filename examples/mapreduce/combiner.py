"""A combiner: the largest order of each country, of which a map task sends only its own largest.

python examples/mapreduce/combiner.py examples/data/orders.csv

The counters say how many pairs the mappers made, and how many were left to send.
"""

import csv

from pyrite.mapreduce import Combiner, Mapper, Reducer, run


class Orders(Mapper):
    def map(self, key, line):
        _, country, _, quantity, price = next(csv.reader([line]))
        if country != "country":
            self.counter("orders", "mapped")
            yield country, int(quantity) * float(price)


class LargestHere(Combiner):
    def reduce(self, country, amounts):
        yield country, max(amounts)


class Largest(Reducer):
    def reduce(self, country, amounts):
        largest = 0.0
        for amount in amounts:
            self.counter("orders", "sent")
            largest = max(largest, amount)
        yield country, f"{largest:.2f}"


if __name__ == "__main__":
    run(Orders, Largest, combiner=LargestHere)
