"""A distributed cache file: messages by team, where every task has the small table of teams.

python examples/mapreduce/distributed_cache.py examples/data/log.txt

The join needs no reducer: what is small is looked up where what is large is read. Another table
is given with --files path#hosts.txt.
"""

from pathlib import Path

from pyrite.mapreduce import Mapper, Reducer, run

HOSTS = Path(__file__).resolve().parents[1] / "data" / "hosts.txt"


class Teams(Mapper):
    def setup(self):
        with open(self.cache_file("hosts.txt"), encoding="utf-8") as lines:
            self.team_of = dict(line.strip().split("|") for line in lines)

    def map(self, key, line):
        host, _, _ = line.partition("|")
        if host not in self.team_of:
            self.counter("hosts", "without team")
        yield self.team_of.get(host, "no team"), 1


class Sum(Reducer):
    def reduce(self, team, counts):
        yield team, sum(counts)


if __name__ == "__main__":
    run(Teams, Sum, combiner=Sum, files=[str(HOSTS)])
