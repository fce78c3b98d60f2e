import gzip
from operator import itemgetter

import pytest

from pyrite.core.errors import FileAlreadyExistsException, InvalidInputException, SparkException
from pyrite.mapreduce import (
    Combiner,
    Job,
    Json,
    KeyValueText,
    Mapper,
    MapReduceError,
    Pickle,
    Reducer,
    Step,
)


class Words(Mapper):
    def map(self, key, line):
        self.counter("input", "lines")
        for word in line.split():
            yield word, 1


class Sum(Reducer):
    def reduce(self, word, counts):
        self.counter("output", "words")
        yield word, sum(counts)


class Swap(Mapper):
    def map(self, word, count):
        yield -count, word


TEXT = "to be or\nnot to be\n"
COUNTS = [("be", 2), ("not", 1), ("or", 1), ("to", 2)]


def write(path, text):
    path.write_text(text)
    return str(path)


def parts(directory):
    return {path.name: path.read_text() for path in sorted(directory.iterdir())}


def test_words_are_counted(runner, tmp_path):
    result = Job([Step(Words, Sum)]).run(write(tmp_path / "a.txt", TEXT), runner=runner)
    assert sorted(result.records) == COUNTS
    assert result.counters.get("input", "lines") == 2
    assert result.counters.get("output", "words") == 4


def test_a_combiner_changes_only_how_much_is_sent(runner, tmp_path):
    job = Job([Step(Words, Sum, combiner=Sum)])
    result = job.run(write(tmp_path / "a.txt", TEXT * 1000), runner=runner)
    assert sorted(result.records) == [(word, 1000 * count) for word, count in COUNTS]
    assert result.counters.get("output", "words") >= 8


def test_many_inputs_globs_and_gzip(runner, tmp_path):
    write(tmp_path / "a1.txt", TEXT)
    write(tmp_path / "a2.txt", TEXT)
    with gzip.open(tmp_path / "b.gz", "wt") as file:
        file.write(TEXT)
    job = Job([Step(Words, Sum)])
    result = job.run([f"{tmp_path}/a*.txt", f"{tmp_path}/b.gz"], runner=runner)
    assert sorted(result.records) == [(word, 3 * count) for word, count in COUNTS]


def test_output_has_part_files_and_success(runner, tmp_path):
    job = Job([Step(Words, Sum, reduces=3)])
    out = tmp_path / "out"
    result = job.run(write(tmp_path / "a.txt", TEXT), output=str(out), runner=runner)
    assert (result.output, result.records) == (str(out), [])
    assert parts(out) == {
        "_SUCCESS": "",
        "part-00000": "be\t2\nor\t1\n",
        "part-00001": "not\t1\n",
        "part-00002": "to\t2\n",
    }


def test_output_that_is_there_is_refused(runner, tmp_path):
    with pytest.raises(FileAlreadyExistsException, match="already exists"):
        Job([Step(Words)]).run(write(tmp_path / "a.txt", TEXT), output=str(tmp_path), runner=runner)


def test_missing_input_is_named(runner, tmp_path):
    with pytest.raises(InvalidInputException, match="nowhere"):
        Job([Step(Words)]).run(f"{tmp_path}/nowhere", runner=runner)


class FailsLate(Reducer):
    def reduce(self, word, counts):
        if word == "to":
            raise KeyError(word)
        yield word, sum(counts)


def test_a_failed_job_leaves_no_output(runner, tmp_path):
    job = Job([Step(Words, FailsLate, reduces=2)])
    with pytest.raises((KeyError, SparkException)) as raised:
        job.run(write(tmp_path / "a.txt", TEXT), output=str(tmp_path / "out"), runner=runner)
    error = raised.value if isinstance(raised.value, KeyError) else raised.value.__cause__
    assert isinstance(error, KeyError)
    assert error.__notes__ == ["In FailsLate.reduce of the key 'to'"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_steps_are_chained(runner):
    job = Job([Step(Words, Sum, reduces=2), Step(Swap, Reducer, reduces=1)])
    lines = [(None, line) for line in TEXT.splitlines()]
    result = job.run(records=lines, runner=runner)
    assert [-count for count, _ in result.records] == [2, 2, 1, 1]
    assert sorted(word for _, word in result.records) == ["be", "not", "or", "to"]


def test_steps_without_reducers(runner):
    job = Job([Step(Words), Step(Swap)])
    result = job.run(records=[(None, "a b"), (None, "c")], runner=runner)
    assert result.records == [(-1, "a"), (-1, "b"), (-1, "c")]


class Latest(Reducer):
    def reduce(self, key, readings):
        yield key[0], next(readings)


def test_secondary_sort_and_a_reducer_that_stops_early(runner):
    records = [(("b", 2), "b2"), (("a", 3), "a3"), (("b", 9), "b9"), (("a", 1), "a1")]
    job = Job([Step(reducer=Latest, group_by=itemgetter(0), sort_by=lambda key: -key[1])])
    assert sorted(job.run(records=records, runner=runner).records) == [("a", "a3"), ("b", "b9")]


def test_sort_by_orders_groups_and_keeps_them_whole(runner):
    records = [("bb", 1), ("a", 1), ("cc", 1), ("bb", 1)]
    job = Job([Step(reducer=Sum, sort_by=lambda key: -len(key), reduces=1)])
    assert job.run(records=records, runner=runner).records == [("bb", 2), ("cc", 1), ("a", 1)]


class Left(Mapper):
    def map(self, key, line):
        yield line, f"left of {self.input_name}"


class Right(Mapper):
    def map(self, key, line):
        yield line, "right"


class Sides(Reducer):
    def reduce(self, key, sides):
        yield key, " and ".join(sorted(sides))


def test_a_mapper_for_each_input(runner, tmp_path):
    paths = [write(tmp_path / "left.txt", "x\ny\n"), write(tmp_path / "right.txt", "y\n")]
    job = Job([Step({"left*": Left, "*/right.txt": Right}, Sides)])
    assert sorted(job.run(paths, runner=runner).records) == [
        ("x", "left of left.txt"),
        ("y", "left of left.txt and right"),
    ]
    with pytest.raises(MapReduceError, match=r"No mapper is for the input.*'left\*'"):
        Job([Step({"left*": Left}, Sides)]).run(paths, runner=runner)


def test_none_as_a_key(runner):
    records = [(None, 1), (None, 2)]
    for reduces in (1, 2):
        job = Job([Step(reducer=Sum, reduces=reduces)])
        assert job.run(records=records, runner=runner).records == [(None, 3)]
    job = Job([Step(reducer=Sum, reduces=1)])
    mixed = job.run(records=[("b", 1), *records, ("a", 2)], runner=runner)
    assert mixed.records == [(None, 3), ("a", 2), ("b", 1)]


class InMapper(Mapper):
    def setup(self):
        self.total = 0

    def map(self, key, line):
        self.total += len(line)

    def cleanup(self):
        yield "total", self.total


def test_setup_and_cleanup(runner):
    job = Job([Step(InMapper, Sum)])
    assert job.run(records=[(None, "ab"), (None, "cde")], runner=runner).records == [("total", 5)]


class AtLeast(Mapper):
    def __init__(self, length):
        self.length = length

    def map(self, key, line):
        yield from ((word, 1) for word in line.split() if len(word) >= self.length)


def test_objects_in_place_of_classes(runner):
    job = Job([Step(AtLeast(3), Sum)])
    assert job.run(records=[(None, "to be or not")], runner=runner).records == [("not", 1)]


class Looks(Mapper):
    def setup(self):
        with open(self.cache_file("stop.txt")) as file:
            self.stopped = set(file.read().split())

    def map(self, key, line):
        suffix = self.setting("suffix", "")
        yield from ((word + suffix, 1) for word in line.split() if word not in self.stopped)


def test_cache_files_and_settings(runner, tmp_path):
    path = write(tmp_path / "words.txt", "to be")
    job = Job([Step(Looks, Sum)], files=[f"{path}#stop.txt"], settings={"suffix": "!"})
    assert sorted(job.run(records=[(None, "to be or not")], runner=runner).records) == [
        ("not!", 1),
        ("or!", 1),
    ]
    with pytest.raises(MapReduceError, match=r"Looks asks for the file 'stop\.txt'"):
        Job([Step(Looks, Sum)]).run(records=[(None, "a")], runner=runner)
    with pytest.raises(MapReduceError, match="The cache file nowhere does not exist"):
        Job([Step()], files=["nowhere"]).run(records=[(None, "a")], runner=runner)


def test_cache_files_of_other_file_systems(runner, tmp_path):
    uri = (tmp_path / "words.txt").as_uri()
    write(tmp_path / "words.txt", "to be")
    job = Job([Step(Looks, Sum)], files=[f"{uri}#stop.txt"])
    assert job.run(records=[(None, "to be or")], runner=runner).records == [("or", 1)]


def test_sorts_go_on_in_files(runner, monkeypatch):
    monkeypatch.setattr("pyrite.core.shuffle.memory.MemoryMeter.exceeded", lambda meter: True)
    monkeypatch.setattr("pyrite.core.shuffle.external.slices.__defaults__", (7,))
    records = [(n * 37 % 100, n) for n in range(300)]
    for reduces in (1, 3):
        job = Job([Step(reducer=Reducer, reduces=reduces)])
        result = job.run(records=records, runner=runner).records
        if reduces == 1:
            assert result == sorted(records)
        assert sorted(result) == sorted(records)


@pytest.mark.parametrize("encoding", [Json(), Pickle()])
def test_typed_encodings_are_read_back(runner, tmp_path, encoding):
    records = [(("a", 1), {"n": [1, None]}), (("b", 2), {"n": []})]
    first = Job([Step(reducer=Reducer, reduces=1)], writes=encoding)
    first.run(records=records, output=str(tmp_path / "one"), runner=runner)
    again = Job([Step()], reads=encoding).run(f"{tmp_path}/one", runner=runner)
    assert again.records == records


def test_key_value_text(runner, tmp_path):
    path = write(tmp_path / "a.txt", "k,v,w\nalone\n")
    assert Job([Step()], reads=KeyValueText(",")).run(path, runner=runner).records == [
        ("k", "v,w"),
        ("alone", ""),
    ]


def test_compressed_output(runner, tmp_path):
    settings = {
        "mapreduce.output.fileoutputformat.compress": "true",
        "mapreduce.output.fileoutputformat.compress.codec": "gzip",
        "mapreduce.job.reduces": "1",
    }
    job = Job([Step(Words, Sum)], settings=settings)
    job.run(records=[(None, "a")], output=str(tmp_path / "out"), runner=runner)
    assert gzip.decompress((tmp_path / "out" / "part-00000.gz").read_bytes()) == b"a\t1\n"


class NoPair(Mapper):
    def map(self, key, line):
        yield line


class NoYield(Mapper):
    def map(self, key, line):
        return line, 1


class NoIterable(Mapper):
    def map(self, key, line):
        return 5


class Mixed(Mapper):
    def map(self, key, line):
        yield from ((1, 1), ("x", 1))


class ListKey(Mapper):
    def map(self, key, line):
        yield [line], 1


class SetValue(Reducer):
    def reduce(self, key, values):
        yield key, set(values)


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (Step(NoPair, Sum), r"NoPair\.map gave 'a b' for the key None, which is no pair"),
        (Step(NoYield, Sum), r"NoYield\.map gave 'a b'.*yield key, value"),
        (Step(NoIterable), r"NoIterable\.map gave 5 for the key None"),
        (Step(Mixed, Sum, reduces=1), "keys of Mixed cannot be sorted together, such as 1 and 'x'"),
        (Step(ListKey, Sum), r"\['a b'\] cannot be a key: unhashable type: 'list'"),
    ],
)
def test_mistakes_of_classes(runner, step, message):
    with pytest.raises(MapReduceError, match=message):
        Job([step]).run(records=[(None, "a b")], runner=runner)


def test_pairs_that_an_encoding_cannot_hold(runner, tmp_path):
    job = Job([Step(Words, SetValue)], writes=Json())
    with pytest.raises(MapReduceError, match=r"SetValue made the pair \('a', \{1\}\).*as Json"):
        job.run(records=[(None, "a")], output=str(tmp_path / "out"), runner=runner)
    assert list(tmp_path.iterdir()) == []


def test_lines_of_another_encoding(runner, tmp_path):
    path = write(tmp_path / "a.txt", "{no json\n")
    with pytest.raises(MapReduceError, match=r"The line '\{no json' is not Json"):
        Job([Step()], reads=Json()).run(path, runner=runner)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Step(Words, Words), "A reducer is .* inherits Reducer, .* but Words does not"),
        (lambda: Step(write), "A mapper is .* but write does not"),
        (lambda: Step(Sum), "A mapper is .* inherits Mapper, .* but Sum does not"),
        (lambda: Step(Words, combiner=Sum), "has combiner, but no reducer"),
        (lambda: Step(Words, Sum, reduces=0), "at least 1"),
        (lambda: Step({}, Sum), "without any mapper"),
        (lambda: Job([]), "no steps"),
        (lambda: Job([Step(), Step({"a": Words})]), "first step"),
        (lambda: Job([Step()]).run(), "something to read"),
        (
            lambda: Job([Step(Words, Sum)], settings={"mapreduce.job.reduces": "0"}).run(
                records=[(None, "a")], runner="inline"
            ),
            "at least 1",
        ),
    ],
)
def test_jobs_that_cannot_be(make, message):
    with pytest.raises(MapReduceError, match=message):
        make()


class Largest(Combiner):
    def reduce(self, key, values):
        yield key, max(values)


def test_combining_again_and_again(runner, monkeypatch):
    monkeypatch.setattr("pyrite.mapreduce.phases._COMBINED_TOGETHER", 10)
    monkeypatch.setattr("pyrite.core.shuffle.external.slices.__defaults__", (7,))
    records = [(n % 7, n) for n in range(100)] + [(n, 0) for n in range(100, 150)]
    result = Job([Step(Mapper, Largest, combiner=Largest)]).run(records=records, runner=runner)
    assert sorted(result.records) == [(n, max(range(n, 100, 7))) for n in range(7)] + [
        (n, 0) for n in range(100, 150)
    ]
