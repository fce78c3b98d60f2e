"""What a user reads when a function of theirs fails."""

import os
import re
import sys
import traceback
from operator import add

import pytest

from pyrite.core.errors import SparkException

FIRST_LINE = re.compile(
    r"Job aborted due to stage failure: Task (\d+) in stage (\d+)\.(\d+) failed (\d+) times, most "
    r"recent failure: Lost task \1\.(\d+) in stage \2\.\3 \(TID \d+\) \(\S+ executor driver\): .*"
)


def failure(action, *arguments):
    """Run an action that fails; return the error's text."""
    with pytest.raises(SparkException) as caught:
        action(*arguments)
    text = str(caught.value)
    first = FIRST_LINE.match(text.splitlines()[0])
    assert first, text
    assert int(first[4]) == int(first[5]) + 1, text
    assert os.sep + os.path.join("pyrite", "core") + os.sep not in text, text
    assert "<pyrite" not in text, text
    return caught.value


def user_lines(error):
    """The source lines that the error's text shows, in order."""
    place = r'^  File "[^"]+test_user_exceptions\.py", line \d+, in .*\n +(.*)'
    return re.findall(place, str(error), re.M)


def test_the_whole_story_of_one_failure(sc):
    def inverse(x):
        return 1 / x

    error = failure(sc.parallelize([3, 2, 1, 0], 2).map(lambda x: inverse(x)).collect)
    assert "Task 1 in stage 0.0 failed 1 times" in str(error)
    assert str(error).splitlines()[1:] != []
    assert "ZeroDivisionError: division by zero" in str(error)
    assert "while processing 0 of partition 1" in str(error)
    assert user_lines(error)[-1] == "return 1 / x"
    assert "inverse(x)" in user_lines(error)[0]
    assert len(user_lines(error)) == 2
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert "direct cause" in "".join(traceback.format_exception(error))


class Outside(Exception):
    """An exception of this module, which workers can not import."""


def raising(error):
    def function(*arguments):
        raise error

    return function


def generator(elements):
    for element in elements:
        yield 10 // element


PLACES = {
    "map": lambda rdd: rdd.map(lambda x: 1 // x).collect(),
    "filter": lambda rdd: rdd.filter(lambda x: 1 // x).count(),
    "flatMap": lambda rdd: rdd.flatMap(lambda x: [1 // x]).collect(),
    "mapPartitions": lambda rdd: rdd.mapPartitions(lambda part: [1 // x for x in part]).collect(),
    "a generator": lambda rdd: rdd.mapPartitions(
        lambda part: (10 // element for element in part)
    ).collect(),
    "foreach": lambda rdd: rdd.foreach(lambda x: 1 // x),
    "foreachPartition": lambda rdd: rdd.foreachPartition(lambda part: 1 // min(part)),
    "reduce": lambda rdd: rdd.reduce(lambda a, b: a // b),
    "fold": lambda rdd: rdd.fold(1, lambda a, b: a // b),
    "aggregate": lambda rdd: rdd.aggregate(1, lambda a, b: a // b, add),
    "mapValues": lambda rdd: rdd.map(lambda x: (x, x)).mapValues(lambda x: 1 // x).collect(),
    "combiner, map side": lambda rdd: (
        rdd.map(lambda x: (1, x)).reduceByKey(lambda a, b: 1 // (a * 0)).collect()
    ),
    "combiner, reduce side": lambda rdd: (
        rdd.map(lambda x: (1, x))
        .combineByKey(lambda x: x, add, lambda a, b: 1 // (a * 0))
        .collect()
    ),
    "create a combiner": lambda rdd: (
        rdd.map(lambda x: (x, x)).combineByKey(lambda x: 1 // x, add, add).collect()
    ),
    "sort key": lambda rdd: rdd.sortBy(lambda x: 1 // x).collect(),
    "partition function": lambda rdd: (
        rdd.map(lambda x: (x, x)).partitionBy(2, lambda key: 1 // key).collect()
    ),
    "after a shuffle": lambda rdd: (
        rdd.map(lambda x: (x, x)).groupByKey(2).map(lambda kv: 1 // kv[0]).collect()
    ),
    "groupBy": lambda rdd: rdd.groupBy(lambda x: 1 // x).collect(),
    "takeOrdered": lambda rdd: rdd.takeOrdered(2, key=lambda x: 1 // x),
    "treeReduce": lambda rdd: rdd.treeReduce(lambda a, b: a // b),
    "toLocalIterator": lambda rdd: list(rdd.map(lambda x: 1 // x).toLocalIterator()),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_failure_anywhere_shows_the_users_line_and_nothing_of_the_engine(shared, place):
    error = failure(PLACES[place], shared.parallelize([5, 4, 3, 0, 1, 0, 0, 1], 2))
    assert "ZeroDivisionError" in str(error)
    assert isinstance(error.__cause__, ZeroDivisionError)
    assert "//" in user_lines(error)[-1], str(error)


ERRORS = {
    "StopIteration": (StopIteration("mine"), "StopIteration|STOP_ITERATION"),
    "sys.exit": (SystemExit(3), "SystemExit: 3"),
    "KeyboardInterrupt": (KeyboardInterrupt(), "KeyboardInterrupt"),
    "GeneratorExit": (GeneratorExit("odd"), "GeneratorExit: odd"),
    "BaseException": (BaseException("base"), "BaseException: base"),
    "group": (ExceptionGroup("several", [ValueError("first"), KeyError("second")]), "first"),
    "without text": (ValueError(), "ValueError"),
    "text of many lines": (ValueError("one\ntwo\nthree"), "two"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_every_kind_of_exception_ends_the_job(shared, name):
    raised, text = ERRORS[name]
    error = failure(shared.parallelize([1], 1).map(raising(raised)).collect)
    assert re.search(text, str(error)), str(error)
    assert shared.parallelize([1, 2], 2).sum() == 3


def test_a_stop_iteration_never_ends_a_partition_silently(shared):
    def stop(x):
        if x == 3:
            raise StopIteration("enough")
        return x

    numbers = shared.parallelize(range(8), 2)
    for action in (
        numbers.map(stop).collect,
        numbers.filter(stop).count,
        numbers.map(lambda x: (stop(x), 1)).reduceByKey(add).collect,
        lambda: numbers.foreach(stop),
        lambda: numbers.map(lambda x: (1, x)).reduceByKey(lambda a, b: stop(3)).collect(),
    ):
        assert "enough" in str(failure(action))


def test_an_exception_that_does_not_unpickle_still_tells_its_story(shared):
    class Odd(Exception):
        def __init__(self, one, two):
            super().__init__(f"{one} and {two}")

    def fail(x):
        raise Odd("salt", "pepper")

    error = failure(shared.parallelize([1], 1).map(fail).collect)
    assert error.__cause__ is None
    assert "Odd: salt and pepper" in str(error)


def test_an_exception_that_does_not_pickle_still_tells_its_story(shared):
    def fail(x):
        error = ValueError("with baggage")
        error.baggage = open(os.devnull)  # noqa: SIM115
        raise error

    error = failure(shared.parallelize([1], 1).map(fail).collect)
    assert "ValueError: with baggage" in str(error)


def test_an_exception_whose_text_cannot_be_made(shared):
    def fail(x):
        class Silent(Exception):
            def __str__(self):
                raise RuntimeError("no comment")

        raise Silent

    assert "Silent" in str(failure(shared.parallelize([1], 1).map(fail).collect))


def test_a_class_of_the_users_own_comes_back_as_itself(shared):
    class Mine(Exception):
        pass

    error = failure(shared.parallelize([1], 1).map(raising(Mine("dear"))).collect)
    assert type(error.__cause__) is Mine
    assert error.__cause__.args == ("dear",)


def test_the_cause_of_an_exception_is_shown(shared):
    def chain(x):
        try:
            return {}[x]
        except KeyError as error:
            raise ValueError("no such entry") from error

    text = str(failure(shared.parallelize(["k"], 1).map(chain).collect))
    assert "KeyError: 'k'" in text
    assert "direct cause" in text
    assert "ValueError: no such entry" in text


def test_endless_recursion(shared):
    def deep(x):
        return deep(x + 1)

    error = failure(shared.parallelize([1], 1).map(deep).collect)
    assert "RecursionError" in str(error)
    assert len(str(error)) < 10_000
    assert shared.parallelize([1]).count() == 1


def test_huge_elements_and_messages_are_shown_in_part(shared):
    def fail(x):
        raise ValueError("m" * 50_000_000)

    error = failure(shared.parallelize(["x" * 10_000_000], 1).map(fail).collect)
    assert "while processing 'xxx" in str(error)
    assert len(str(error)) < 1_000_000


def test_an_element_whose_repr_fails(shared):
    class Shy:
        def __repr__(self):
            raise RuntimeError("go away")

    error = failure(shared.parallelize([1], 1).map(lambda x: Shy()).map(lambda x: x.y).collect)
    assert "AttributeError" in str(error)
    assert "Shy" in str(error)


def test_a_result_that_does_not_pickle(shared):
    error = failure(shared.parallelize([1], 1).map(lambda x: (y for y in [x])).collect)
    assert "cannot pickle 'generator' object" in str(error)


def test_a_shuffled_value_that_does_not_pickle(shared):
    pairs = shared.parallelize([1], 1).map(lambda x: (x, (y for y in [x])))
    assert "cannot pickle 'generator' object" in str(failure(pairs.groupByKey().collect))


def test_a_result_that_does_not_unpickle_in_the_driver(shared):
    class Refusing:
        def __reduce__(self):
            return int, ("not a number",)

    with pytest.raises(ValueError, match="not a number"):
        shared.parallelize([1], 1).map(lambda x: Refusing()).collect()
    assert shared.parallelize([1]).count() == 1


def test_an_accumulator_of_a_class_of_the_program(drive):
    driver = drive(
        """
    from pyspark.accumulators import AccumulatorParam
    class Words(set): pass
    class Union(AccumulatorParam):
        def zero(self, value): return Words()
        def addInPlace(self, a, b): return Words(a | b)
    sc = SparkContext(conf=conf)
    seen = sc.accumulator(Words(), Union())
    sc.parallelize(range(6), 3).foreach(lambda x: seen.add(Words([x % 4])))
    say(type(seen.value) is Words and sorted(seen.value))
    """
    )
    status, out, errors = driver.ends()
    assert (status, out.strip()) == (0, "[0, 1, 2, 3]"), errors


def test_an_accumulator_that_does_not_pickle_is_one_clear_error(shared):
    from pyspark.accumulators import AccumulatorParam

    class Param(AccumulatorParam):
        def zero(self, value):
            return 0

        def addInPlace(self, a, b):
            return b

    total = shared.accumulator(0, Param())
    error = failure(shared.parallelize([1], 1).foreach, lambda x: total.add(y for y in [x]))
    assert "cannot pickle 'generator' object" in str(error)
    assert shared.parallelize([1]).count() == 1


def test_main_module_classes_and_traceback_lines_of_a_script(tmp_path, scratch):
    import subprocess

    script = tmp_path / "app.py"
    script.write_text(
        "from pyrite.core.conf import SparkConf\n"
        "from pyrite.core.context import SparkContext\n"
        "class Mine(Exception):\n"
        "    pass\n"
        "def helper(x):\n"
        "    raise Mine(x)  # here\n"
        f"conf = SparkConf().set('spark.local.dir', {str(scratch.path)!r})\n"
        "sc = SparkContext('local[1]', 'app', conf=conf)\n"
        "try:\n"
        "    sc.parallelize(['value'], 1).map(lambda x: helper(x)).collect()\n"
        "except Exception as error:\n"
        "    print(type(error.__cause__) is Mine, error)\n"
    )
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("True Job aborted due to stage failure: Task 0 in stage 0.0")
    assert f'File "{script}", line 6, in helper\n    raise Mine(x)  # here' in run.stdout
    assert f'File "{script}", line 10, in <lambda>' in run.stdout
    assert "while processing 'value' of partition 0" in run.stdout
    assert len(re.findall(r"^  File ", run.stdout, re.M)) == 2


def test_instances_of_a_programs_own_classes(drive):
    driver = drive(
        """
    from collections import namedtuple
    import enum
    Pair = namedtuple("Pair", "x y")
    class Color(enum.Enum):
        RED = 1
    class Point:
        def __init__(self, x): self.x = x
        def __eq__(self, other): return self.x == other.x
        def __hash__(self): return hash(self.x)
    sc = SparkContext(conf=conf)
    points = sc.parallelize([Point(1), Point(2), Point(1)], 2)
    say([type(p) is Point for p in points.collect()])
    counts = points.map(lambda p: (p, 1)).reduceByKey(int.__add__)
    say(sorted((p.x, n) for p, n in counts.collect()))
    say(sc.parallelize([Pair(1, 2)]).map(lambda p: Pair(p.y, p.x)).collect()[0].x)
    say(sc.parallelize([Color.RED]).map(lambda c: c is Color.RED).collect())
    """
    )
    status, out, errors = driver.ends()
    assert status == 0, errors
    assert out.splitlines() == ["[True, True, True]", "[(1, 2), (2, 1)]", "2", "[True]"]
