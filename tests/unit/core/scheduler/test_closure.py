"""Pickling tasks, and naming what cannot be pickled."""

import pickle
import threading

import pytest

from pyrite.core.codegen import Operator, OperatorKind, Sink, SinkKind
from pyrite.core.rdd.pipelined import PipelinedRDD
from pyrite.core.scheduler.closure import pickle_task
from pyrite.core.scheduler.task import ResultTask

LOCK = threading.Lock()


def mapped(lineage, function):
    return PipelinedRDD(100, lineage.source(), Operator(OperatorKind.MAP, function))


def refusal(task):
    with pytest.raises(pickle.PicklingError) as refused:
        pickle_task(task)
    return str(refused.value)


def test_a_task_comes_back_with_the_users_function(lineage):
    shift = 3
    task = ResultTask(mapped(lineage, lambda x: x + shift), Sink(SinkKind.COLLECT))
    again = pickle.loads(pickle_task(task))
    assert again.rdd.operator.function(4) == 7


def test_the_variable_that_does_not_pickle_is_named(lineage):
    handle = threading.Lock()
    text = refusal(ResultTask(mapped(lineage, lambda x: (x, handle)), len))
    assert text.startswith("Could not serialize object: TypeError: cannot pickle")
    assert "variable 'handle' of type lock" in text
    assert "test_closure.py:" in text


def test_a_global_that_does_not_pickle_is_named(lineage):
    assert "variable 'LOCK' of type lock" in refusal(
        ResultTask(lineage.source(), eval("lambda x: LOCK", {"LOCK": LOCK, "__name__": "app"}))
    )


def test_a_variable_of_a_function_inside_a_function_is_named(lineage):
    handle = threading.Lock()

    def inner(x):
        return handle, x

    text = refusal(ResultTask(mapped(lineage, lambda x: inner(x)), len))
    assert "'handle'" in text or "'inner'" in text


def test_an_error_of_the_users_own_pickling_is_said(lineage):
    class Stubborn:
        def __reduce__(self):
            raise RuntimeError("not me")

    thing = Stubborn()
    text = refusal(ResultTask(mapped(lineage, lambda x: thing), len))
    assert "RuntimeError: not me" in text
    assert "'thing' of type Stubborn" in text
