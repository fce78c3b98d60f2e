"""Secondary sort: the pages each visitor saw, in the order of time.

python examples/mapreduce/secondary_sort.py examples/data/requests.json

The time is part of the key, so the framework sorts by it, and however long a visit is, the
reducer never holds more than one request. Grouping is by the visitor alone.
"""

from operator import itemgetter

from pyrite.mapreduce import Json, Mapper, Reducer, run


class Requests(Mapper):
    def map(self, key, request):
        yield (request["visitor"]["name"], request["time"]), request["page"]


class Path(Reducer):
    def reduce(self, key, pages):
        visitor, _ = key
        seen = []
        for page in pages:
            if not seen or page != seen[-1]:
                seen.append(page)
        yield visitor, " ".join(seen)


if __name__ == "__main__":
    run(Requests, Path, group_by=itemgetter(0), reads=Json())
