"""Which casts are nullable: the answers of Spark's ``printSchema``."""

import pytest

from pyrite.sql.expressions.cast_nullability import cast_may_give_null, try_cast_may_give_null
from pyrite.sql.parser.parse import parse_data_type

#: Source, target, whether CAST is nullable, whether TRY_CAST is.
RECORDED = [
    ("string", "int", True, True),
    ("string", "binary", False, False),
    ("int", "string", False, False),
    ("int", "bigint", False, False),
    ("bigint", "int", False, True),
    ("int", "decimal(10,2)", True, True),
    ("tinyint", "decimal(10,2)", False, False),
    ("bigint", "decimal(38,0)", False, False),
    ("decimal(10,2)", "decimal(38,0)", False, True),
    ("decimal(10,2)", "decimal(3,2)", True, True),
    ("decimal(10,2)", "int", True, True),
    ("decimal(10,2)", "double", False, True),
    ("double", "int", True, True),
    ("double", "float", False, True),
    ("float", "double", False, False),
    ("double", "timestamp", True, True),
    ("bigint", "timestamp", False, False),
    ("int", "timestamp", False, True),
    ("timestamp", "int", True, True),
    ("timestamp", "bigint", False, False),
    ("timestamp", "date", False, True),
    ("timestamp_ntz", "date", True, True),
    ("date", "timestamp", False, False),
    ("date", "timestamp_ntz", True, False),
    ("boolean", "int", False, True),
    ("interval day", "interval day to second", False, False),
    ("interval year", "decimal(10,2)", True, True),
    ("array<int>", "string", False, True),
    ("array<int>", "array<string>", False, False),
    ("array<string>", "array<int>", False, True),
    ("map<int,int>", "map<int,int>", False, False),
    ("struct<a:int>", "string", False, True),
]


@pytest.mark.parametrize(("source", "target", "cast", "try_cast"), RECORDED)
def test_nullability_is_sparks(source: str, target: str, cast: bool, try_cast: bool) -> None:
    types = parse_data_type(source), parse_data_type(target)
    assert (cast_may_give_null(*types), try_cast_may_give_null(*types)) == (cast, try_cast)
