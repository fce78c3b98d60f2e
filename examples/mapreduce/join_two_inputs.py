"""A join of two inputs: the team of each host, and the errors and warnings in the log.

python examples/mapreduce/join_two_inputs.py examples/data/hosts.txt examples/data/log.txt

Each input has a mapper of its own, by its name. The number in the key sorts the one team in
front of the many messages, which can then be read one after the other.
"""

from operator import itemgetter

from pyrite.mapreduce import Mapper, Reducer, run

TEAM, MESSAGE = 0, 1


class Hosts(Mapper):
    def map(self, key, line):
        host, team = line.split("|")
        yield (host, TEAM), team


class Messages(Mapper):
    def map(self, key, line):
        host, message = line.split("|", 1)
        level, _, text = message.partition(" ")
        if level in ("ERROR", "WARN"):
            yield (host, MESSAGE), text


class Join(Reducer):
    def reduce(self, key, values):
        host, kind = key
        team = next(values) if kind == TEAM else "no team"
        for text in values:
            yield f"{team} {host}", text


if __name__ == "__main__":
    run({"hosts*": Hosts, "log*": Messages}, Join, group_by=itemgetter(0))
