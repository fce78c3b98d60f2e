"""The public methods have PySpark's names, argument order and defaults.

``signatures_rdd.json`` lists them as PySpark 4.3 has them: name, kind of parameter, default.
"""

import inspect
import json
from pathlib import Path

import pytest

from pyrite.core.rdd.rdd import RDD, RDDBarrier

SIGNATURES = json.loads((Path(__file__).parent / "signatures_rdd.json").read_text())
CLASSES = {"RDD": RDD, "RDDBarrier": RDDBarrier}


def described(default):
    if default is inspect.Parameter.empty:
        return None
    if callable(default):
        return "function" if default.__name__ == "_itself" else default.__name__
    return repr(default)


@pytest.mark.parametrize(
    ("cls", "name"), [(cls, name) for cls, names in SIGNATURES.items() for name in names]
)
def test_signature(cls, name):
    member = inspect.getattr_static(CLASSES[cls], name)
    expected = SIGNATURES[cls][name]
    if expected == "property":
        assert isinstance(member, property)
        return
    parameters = list(inspect.signature(member).parameters.values())[1:]
    assert [[p.name, p.kind.name, described(p.default)] for p in parameters] == expected
    assert inspect.getdoc(member)


def test_nothing_else_is_public():
    # Beside the methods: attributes PySpark sets per instance, and the lineage node.
    known = set(SIGNATURES["RDD"]) | {"ctx", "node", "partitioner", "is_cached", "is_checkpointed"}
    assert {name for name in dir(RDD) if not name.startswith("_")} <= known
