"""Collections of the driver travel as they were, with their classes."""

import pickle
import subprocess
import sys
import threading
import types

import pytest

PROGRAM = """
from pyrite.core.context import SparkContext

class Point:
    def __init__(self, x):
        self.x = x

if __name__ == "__main__":
    with SparkContext("local[2]") as sc:
        points = sc.parallelize([Point(1), Point(2), Point(3)], 2)
        print(points.map(lambda point: point.x).collect())
        print([type(point) is Point for point in points.collect()])
"""


def test_classes_of_the_main_program_travel_by_value(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-W", "error", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["[1, 2, 3]", "[True, True, True]"], done.stderr


def test_classes_that_no_module_has_travel_by_value(sc):
    module = types.ModuleType("__main__")
    exec("class Point:\n    def __init__(self, x): self.x = x", vars(module))
    points = sc.parallelize([module.Point(1), module.Point(2)], 2)
    assert points.map(lambda point: point.x).collect() == [1, 2]


def test_later_changes_are_not_seen(sc):
    inner = [1]
    rdd = sc.parallelize([inner, [2]], 2)
    inner.append(3)
    assert rdd.collect() == [[1], [2]]
    assert rdd.map(lambda part: part.append(4) or part).collect() == [[1, 4], [2, 4]]
    assert rdd.collect() == [[1], [2]]


def test_what_cannot_be_pickled_is_refused_at_once(sc):
    with pytest.raises(pickle.PicklingError, match="cannot pickle '_thread"):
        sc.parallelize([threading.Lock()])


def test_smallest_of_elements_without_an_order_are_as_pyspark_finds_them(sc):
    nan = float("nan")
    elements = [nan, 1.0, 2.0, nan, 0.5, 3.0]
    assert repr(sc.parallelize(elements, 3).takeOrdered(3)) == "[nan, nan, 0.5]"
    assert repr(sc.parallelize(elements, 3).top(3)) == "[nan, nan, 3.0]"
