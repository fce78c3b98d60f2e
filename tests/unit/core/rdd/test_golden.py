"""Answers equal to PySpark's, expression by expression.

``golden_rdd.json`` maps expressions to the ``repr`` of what PySpark 4.3 answered with ``local[4]``
and ``local[2]`` (numpy scalars as Python's); ``raises: T: text`` stands for an
exception. ``P`` is ``sc.parallelize``.
"""

import json
import operator
from pathlib import Path

import pytest

GOLDEN = json.loads((Path(__file__).parent / "golden_rdd.json").read_text())
TEXT = (
    "the quick brown fox jumps over the lazy dog and the quick cat naps while a dog barks "
    "at the brown cow"
)


class Context:
    def __init__(self, ctx):
        self.emptyRDD = ctx.empty

    @staticmethod
    def union(rdds):
        result = rdds[0]
        for rdd in rdds[1:]:
            result = result.union(rdd)
        return result


def answer(expression, ctx):
    parallelize = ctx.parallelize
    names = {
        "P": parallelize,
        "sc": Context(ctx),
        "operator": operator,
        "W": TEXT.split(),
        "a": parallelize([(i % 3, i) for i in range(10)], 3),
        "b": parallelize([(i % 4, -i) for i in range(6)], 2),
    }
    try:
        return repr(eval(expression, names))
    except Exception as failure:
        return f"raises: {type(failure).__name__}: {failure}"


@pytest.mark.parametrize("parallelism", [4, 2])
@pytest.mark.parametrize("expression", GOLDEN)
def test_golden(expression, parallelism, make_context):
    assert answer(expression, make_context(parallelism)) == GOLDEN[expression][str(parallelism)]
