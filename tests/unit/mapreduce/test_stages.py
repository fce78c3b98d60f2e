import io
import sys
from operator import itemgetter

import pytest

from pyrite.mapreduce import Job, Json, KeyValueText, Mapper, MapReduceError, Pickle, Reducer, Step


class Words(Mapper):
    def map(self, key, line):
        self.counter("in,put", "li\nnes")
        for word in line.split():
            yield word, 1


class Sum(Reducer):
    def reduce(self, word, counts):
        self.status("adding\nup")
        yield word, sum(map(int, counts))


class Shout(Mapper):
    def map(self, word, count):
        yield word.upper(), count


class Facts(Mapper):
    def map(self, key, line):
        with open(self.cache_file("table.txt")) as file:
            yield self.input_file, [line, self.setting("my.own-setting"), file.read()]


@pytest.fixture
def stage(monkeypatch, capsysbinary):
    """Run a stage of a job and return what it prints."""

    def stage(job, kind, *arguments, stdin):
        capsysbinary.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        job.main([f"--{kind}", *arguments])
        return capsysbinary.readouterr().out.decode()

    return stage


def sort(text):
    return "".join(sorted(text.splitlines(keepends=True)))


def test_between_stages_are_keys_and_values(stage):
    job = Job([Step(Words, Sum, combiner=Sum)])
    mapped = stage(job, "mapper", stdin="to be\r\nor\nto")
    assert mapped == '"to"\t1\n"be"\t1\n"or"\t1\n"to"\t1\n'
    combined = stage(job, "combiner", stdin=sort(mapped))
    assert combined == '"be"\t1\n"or"\t1\n"to"\t2\n'
    assert stage(job, "reducer", stdin=combined) == "be\t1\nor\t1\nto\t2\n"


def test_counters_and_status_are_lines_on_standard_error(monkeypatch, capsysbinary):
    job = Job([Step(Words, Sum)])
    for kind, stdin, told in [
        ("mapper", b"a\nb\n", b"reporter:counter:in;put,li nes,2\n"),
        ("reducer", b'"a"\t1\n', b"reporter:status:adding up\n"),
    ]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        job.main([f"--{kind}"])
        assert capsysbinary.readouterr().err == told


def test_steps_follow_each_other(stage):
    job = Job([Step(Words, Sum), Step(Shout)], writes=Json())
    between = stage(job, "reducer", stdin='"a"\t1\n"a"\t2\n')
    assert between == '"a"\t3\n'
    assert stage(job, "mapper", "--step", "2", stdin=between) == '"A"\t3\n'


def test_text_between_stages(stage):
    job = Job([Step(Words, Sum)], between=KeyValueText())
    mapped = stage(job, "mapper", stdin="to be to")
    assert mapped == "to\t1\nbe\t1\nto\t1\n"
    assert stage(job, "reducer", stdin=sort(mapped)) == "be\t1\nto\t2\n"


class Pairs(Mapper):
    def map(self, key, line):
        name, number = line.split()
        yield (name, int(number)), {number}


class Path(Reducer):
    def reduce(self, key, values):
        yield key, " ".join(value for (value,) in values)


@pytest.mark.parametrize("sort_by", [None, lambda key: -key[1]])
def test_groups_are_sorted_by_their_keys_not_by_their_text(stage, sort_by):
    step = Step(Pairs, Path, group_by=itemgetter(0), sort_by=sort_by)
    job = Job([step], between=Pickle())
    mapped = stage(job, "mapper", stdin="b 9\na 10\na 9\nb 100\na 1000\n")
    expected = "('a', 9)\t9 10 1000\n('b', 9)\t9 100\n"
    if sort_by is not None:
        expected = "('a', 1000)\t1000 10 9\n('b', 100)\t100 9\n"
    assert sort(stage(job, "reducer", stdin=sort(mapped))) == expected


def test_what_hadoop_streaming_tells_a_task(stage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.txt").write_text("in the working directory")
    monkeypatch.setenv("my_own_setting", "set")
    monkeypatch.setenv("mapreduce_map_input_file", "file:/data/a.txt")
    job = Job([Step(Facts)], writes=Json(), files=["/elsewhere/table.txt"])
    assert stage(job, "mapper", stdin="x\n") == (
        '"file:/data/a.txt"\t["x","set","in the working directory"]\n'
    )
    assert stage(job, "mapper", "-D", "my.own-setting=given", stdin="x\n") == (
        '"file:/data/a.txt"\t["x","given","in the working directory"]\n'
    )


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (["--mapper", "--step", "2"], "", "There is no step 2: the job has 1"),
        (["--combiner"], "", "Step 1 has no combiner"),
        (["--reducer"], "no json\t1\n", "The lines that begin with 'no json' are not Json"),
    ],
)
def test_mistakes(arguments, stdin, message, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
    with pytest.raises(SystemExit, match=message):
        Job([Step(Words, Sum)]).main(arguments)


class Sets(Mapper):
    def map(self, key, line):
        yield line, {line}


def test_a_value_that_does_not_go_between_stages(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x\n")))
    with pytest.raises(SystemExit, match=r"Sets made the pair \('x', \{'x'\}\).*Pickle"):
        Job([Step(Sets, Sum)]).main(["--mapper"])
    with pytest.raises(MapReduceError):
        Job([]).main()
