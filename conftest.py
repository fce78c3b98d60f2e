"""What tests and the examples in docstrings find: a whole ``pyspark``, and ``sc``."""

from collections.abc import Iterator
from typing import Any

import pytest

import pyrite  # noqa: F401 - makes pyspark whole, before any test imports from it


@pytest.fixture(scope="session")
def examples_context() -> Iterator[Any]:
    """The SparkContext of the examples in docstrings."""
    from pyspark import SparkContext

    with SparkContext("local[2]", "examples") as sc:
        yield sc


@pytest.fixture(autouse=True)
def _examples_see_sc(request: pytest.FixtureRequest) -> None:
    if isinstance(request.node, pytest.DoctestItem) and "sc." in request.node.dtest.docstring:
        namespace = request.getfixturevalue("doctest_namespace")
        namespace["sc"] = request.getfixturevalue("examples_context")
