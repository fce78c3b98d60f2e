"""FunctionRegistry: from names to functions."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from pyrite.sql.expressions.function import Function
from pyrite.sql.functions.define import flatten

__all__ = ["FAMILIES", "builtin_functions"]

#: The modules of built-in functions, in the order of docs/functions.md.
FAMILIES: tuple[str, ...] = (
    "arithmetic",
    "rounding",
    "mathematics",
    "bitwise",
    "predicates",
    "conditional",
    "strings",
    "regexps",
    "encodings",
    "text_formats",
    "hashing",
    "randomness",
    "conversions",
    "miscellaneous",
    "aggregates",
    "statistics_aggregates",
    "sketches",
    "windows",
    "dates",
    "timestamps",
    "datetime_texts",
    "intervals",
    "time_windows",
    "collections",
    "arrays",
    "maps",
    "sequences",
    "higher_order",
    "generators",
    "json",
    "variants",
    "csv",
    "urls",
    "xml",
    "files",
    "partitions",
    "internal",
)


@cache
def builtin_functions() -> Mapping[str, Function]:
    """Return all built-in functions by lower-case name, aliases included."""
    functions: dict[str, Function] = {}
    for family in FAMILIES:
        module = importlib.import_module(f"pyrite.sql.functions.{family}")
        for function in flatten(module.FUNCTIONS):
            if function.name in functions:
                raise ValueError(f"two functions are called {function.name}")
            functions[function.name] = replace(function, group=family)
    return functions
