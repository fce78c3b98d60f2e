"""What a user is shown when their function fails inside a fused loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyrite.core.codegen import (
    Operator,
    OperatorKind,
    Sink,
    SinkKind,
    UserFailure,
    explain_failure,
    fuse,
)

COUNT = Sink(SinkKind.COUNT)


def failure_of(run: Callable[[], Any]) -> UserFailure:
    try:
        run()
    except Exception as error:
        return explain_failure(error)
    pytest.fail("nothing was raised")


def reciprocal(x: int) -> float:
    return 1 / x  # the failing line


def reciprocals(x: int) -> Iterator[float]:
    yield reciprocal(x)


@pytest.mark.parametrize("sink", [None, COUNT, Sink(SinkKind.SUM), Sink(SinkKind.COLLECT)])
def test_line_of_an_inlined_lambda_is_shown(sink: Sink | None) -> None:
    operators = (
        Operator(OperatorKind.MAP, lambda x: x - 2),
        Operator(OperatorKind.MAP, lambda x: 10 // x),  # the inlined line
    )
    loop = fuse(operators, sink)
    failure = failure_of(lambda: loop([1, 2]) if sink else list(loop([1, 2])))
    assert "the inlined line" in failure.traceback
    assert "in <lambda>" in failure.traceback
    assert "<pyrite" not in failure.traceback
    assert failure.element == "0"
    assert failure.summary.startswith("ZeroDivisionError: ")
    assert failure.traceback.endswith(failure.summary + "\n")


def test_frames_of_called_functions_stay_and_ours_go() -> None:
    loop = fuse((Operator(OperatorKind.FLAT_MAP, reciprocals),), COUNT)
    failure = failure_of(lambda: loop([0]))
    names = [line.split()[-1] for line in failure.traceback.splitlines() if "File" in line]
    assert names[-2:] == ["reciprocals", "reciprocal"]
    assert "pyrite/core" not in failure.traceback.replace(__file__, "")
    assert failure.element == "0"


def test_causes_are_shown_with_their_own_lines() -> None:
    def wrapped(x: int) -> float:
        try:
            return reciprocal(x)
        except ZeroDivisionError as error:
            raise ValueError("bad input") from error

    failure = failure_of(lambda: fuse((Operator(OperatorKind.MAP, wrapped),), COUNT)([0]))
    assert "the failing line" in failure.traceback
    assert "direct cause" in failure.traceback
    assert failure.summary == "ValueError: bad input"


def test_sinks_name_the_element_they_were_given() -> None:
    merge = fuse((), Sink(SinkKind.COMBINE, lambda a, b: a + b))
    failure = failure_of(lambda: merge([("a", 1), ("a", "x")], {}))
    assert failure.element == "('a', 'x')"
    assert "lambda a, b: a + b" in failure.traceback


def test_stop_iteration_names_the_element() -> None:
    loop = fuse((Operator(OperatorKind.MAP, lambda x: next(iter(x))),), COUNT)
    failure = failure_of(lambda: loop([[1], []]))
    assert failure.element == "[]"
    assert "STOP_ITERATION_OCCURRED" in failure.summary


def test_long_and_broken_reprs() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    bad = Operator(OperatorKind.MAP, lambda x: x.missing)
    long = failure_of(lambda: fuse((bad,), COUNT)(["w" * 9999])).element
    assert long is not None
    assert 100 < len(long) <= 200
    broken = failure_of(lambda: fuse((bad,), COUNT)([Broken()])).element
    assert broken is not None
    assert "Broken" in broken


def test_a_failing_source_blames_no_element() -> None:
    def source() -> Iterator[int]:
        raise OSError("gone")
        yield 1

    failure = failure_of(lambda: fuse((), COUNT)(source()))
    assert failure.element is None
    assert failure.summary == "OSError: gone"
