"""Every example in a docstring of the RDD package, run in a context of its own."""

import doctest
import importlib
import pkgutil

import pytest
from pyspark.conf import SparkConf
from pyspark.storagelevel import StorageLevel

import pyrite.core.rdd
from pyrite.core.context import SparkContext

MODULES = [module.name for module in pkgutil.iter_modules(pyrite.core.rdd.__path__)]


@pytest.fixture(scope="module")
def spark():
    conf = SparkConf().setMaster("local[2]").setAppName("docstrings")
    with SparkContext(conf=conf.set("spark.ui.showConsoleProgress", "false")) as context:
        yield context


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name, spark):
    module = importlib.import_module(f"pyrite.core.rdd.{name}")
    outcome = doctest.testmod(
        module,
        extraglobs={"sc": spark, "StorageLevel": StorageLevel},
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )
    assert outcome.failed == 0
