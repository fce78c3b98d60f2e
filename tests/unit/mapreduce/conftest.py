"""Every runner of the framework's jobs."""

from collections.abc import Iterator

import pytest

from pyrite.core.context import SparkContext


@pytest.fixture(scope="module")
def context() -> Iterator[SparkContext]:
    """A context with two workers."""
    with SparkContext("local[2]", "mapreduce") as sc:
        yield sc


@pytest.fixture(params=["inline", "workers"])
def runner(request: pytest.FixtureRequest) -> "str | SparkContext":
    """What a job is run with."""
    return "inline" if request.param == "inline" else request.getfixturevalue("context")
