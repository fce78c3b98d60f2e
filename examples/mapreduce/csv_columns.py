"""CSV columns: revenue and orders by any column of a file with a header and quoted fields.

python examples/mapreduce/csv_columns.py examples/data/orders.csv -D column=item

Tasks read parts of the file, so no task can rely on seeing the header: the columns are named
here. Lines that do not fit are counted and left out.
"""

import csv

from pyrite.mapreduce import Combiner, Mapper, Reducer, run

COLUMNS = ["order", "country", "item", "quantity", "price"]


class Rows(Mapper):
    def setup(self):
        self.column = self.setting("column", "country")

    def map(self, key, line):
        fields = next(csv.reader([line]), [])
        if fields == COLUMNS:
            return
        if len(fields) != len(COLUMNS):
            self.counter("rows", "left out")
            return
        row = dict(zip(COLUMNS, fields, strict=True))
        yield row[self.column], (int(row["quantity"]) * float(row["price"]), 1)


def add(amounts):
    """Add up pairs of revenue and number of orders."""
    revenue, orders = 0.0, 0
    for some, count in amounts:
        revenue += some
        orders += count
    return revenue, orders


class Add(Combiner):
    def reduce(self, name, amounts):
        yield name, add(amounts)


class Report(Reducer):
    def reduce(self, name, amounts):
        revenue, orders = add(amounts)
        yield name, f"{revenue:.2f} from {orders} orders"


if __name__ == "__main__":
    run(Rows, Report, combiner=Add)
