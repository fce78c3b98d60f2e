"""Jobs of mappers and reducers on executors of their own."""

from pyrite.mapreduce import Job, Mapper, Reducer, Step


class Known(Mapper):
    def setup(self):
        with open(self.cache_file("known.txt")) as file:
            self.known = set(file.read().split())

    def map(self, key, line):
        self.counter("lines", "seen")
        self.status(f"at {line}")
        yield from ((word, 1) for word in line.split() if word in self.known)


class Sum(Reducer):
    def reduce(self, word, counts):
        yield word, sum(counts)


def test_a_job_with_a_cache_file_and_an_output(sc, tmp_path):
    place = tmp_path / "data"
    place.mkdir()
    (place / "known.txt").write_text("to be")
    (place / "in.txt").write_text("to be or\nnot to be\n")
    job = Job([Step(Known, Sum, combiner=Sum)], files=[str(place / "known.txt")])
    result = job.run(str(place / "in.txt"), output=str(place / "out"), runner=sc)
    assert result.counters.get("lines", "seen") == 2
    text = "".join(path.read_text() for path in (place / "out").glob("part-*"))
    assert sorted(text.splitlines()) == ["be\t2", "to\t2"]
