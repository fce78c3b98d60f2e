"""Collections of the driver travel as they were, with their classes."""

import gc
import os
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


LARGE = 100_000  # several pieces, and more bytes than a message takes


def kept_files(sc):
    return [name for name in os.listdir(sc.local_dir) if name.startswith("collection_")]


@pytest.mark.parametrize(
    "elements",
    [
        [i / 7 for i in range(LARGE)],
        [f"word {i}" for i in range(LARGE)],
        ["text", *range(LARGE)],
        [(i, [i]) for i in range(LARGE)],
        [b"x" * 300_000, None],
    ],
)
def test_large_slices_go_through_a_file_that_goes_with_the_rdd(sc, elements):
    rdd = sc.parallelize(elements, 3)
    mapped = rdd.map(lambda x: x)
    assert len(kept_files(sc)) == 1
    assert rdd.collect() == rdd.collect() == elements
    assert sum(map(len, rdd.glom().collect())) == len(elements)
    del rdd
    assert mapped.collect() == elements
    del mapped
    sc.jobs.clear()
    gc.collect()
    assert kept_files(sc) == []


def test_short_slices_need_no_file(sc):
    rdd = sc.parallelize(list(range(LARGE)), 50)
    assert rdd.sum() == sum(range(LARGE))
    assert kept_files(sc) == []


def test_a_file_is_read_no_further_than_needed(sc):
    seen = sc.parallelize([[i] for i in range(LARGE)], 1)
    loaded = iter(seen.node.compute(seen.node.partitions[0], None))
    assert next(loaded) == [0]
    os.truncate(os.path.join(sc.local_dir, *kept_files(sc)), 0)
    with pytest.raises((EOFError, pickle.UnpicklingError)):
        list(loaded)


def test_elements_of_a_file_are_new_to_every_task(sc):
    rdd = sc.parallelize([[i] for i in range(LARGE)], 2)
    assert rdd.map(lambda part: part.append(1) or len(part)).sum() == 2 * LARGE
    assert rdd.map(len).sum() == LARGE


def test_one_class_of_the_main_program_stays_one_in_all_pieces(sc):
    module = types.ModuleType("__main__")
    exec("class Point:\n    def __init__(self, x): self.x = x", vars(module))
    points = sc.parallelize([module.Point(i) for i in range(LARGE)], 1)
    assert kept_files(sc)
    assert points.map(lambda point: point.x).collect() == list(range(LARGE))
    assert points.map(type).distinct().count() == 1


def test_nothing_is_left_when_an_element_is_refused(sc):
    with pytest.raises(pickle.PicklingError, match="cannot pickle '_thread"):
        sc.parallelize([*range(LARGE), threading.Lock()], 1)
    assert kept_files(sc) == []


def test_a_directory_that_cannot_be_written_is_named(sc):
    sc.local_dir = os.path.join(sc.local_dir, "missing")
    with pytest.raises(OSError, match=r"spark\.local\.dir to a larger disk: '.*missing"):
        sc.parallelize([0.5] * LARGE, 1)


def test_smallest_of_elements_without_an_order_are_as_pyspark_finds_them(sc):
    nan = float("nan")
    elements = [nan, 1.0, 2.0, nan, 0.5, 3.0]
    assert repr(sc.parallelize(elements, 3).takeOrdered(3)) == "[nan, nan, 0.5]"
    assert repr(sc.parallelize(elements, 3).top(3)) == "[nan, nan, 3.0]"
