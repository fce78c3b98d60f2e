"""The registry of built-in functions."""

import collections
import importlib

from pyrite.sql.functions.define import flatten
from pyrite.sql.functions.registry import FAMILIES


def test_no_two_functions_have_one_name() -> None:
    families = collections.defaultdict(list)
    for family in FAMILIES:
        module = importlib.import_module(f"pyrite.sql.functions.{family}")
        for function in flatten(module.FUNCTIONS):
            families[function.name].append(family)
    assert {name: found for name, found in families.items() if len(found) > 1} == {}
