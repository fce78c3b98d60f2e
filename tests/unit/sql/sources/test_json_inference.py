"""Types of JSON documents: large numbers, fractions as decimals, keys that come twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.plans.unresolved import UnresolvedDataSource
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

BIG = 2**63


def inferred(session: SessionState, folder: Path, *documents: str, **options: str) -> str:
    """Return the schema that a read of documents gets."""
    path = folder / "documents.json"
    path.write_text("\n".join(documents))
    read = UnresolvedDataSource("json", None, tuple(options.items()), (str(path),))
    result = QueryExecution(session, read).execute()
    assert len([row for batch in result.batches for row in batch.to_pylist()]) == len(documents)
    return result.schema.simpleString()


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([f"{BIG}"], "decimal(19,0)"),
        ([f"-{BIG + 1}"], "decimal(19,0)"),
        ([f"{BIG - 1}"], "bigint"),
        ([f"{BIG}", "1"], "decimal(20,0)"),
        ([f"[1, {BIG}]"], "array<decimal(20,0)>"),
        ([f"{BIG}", "12345678901234567890123"], "decimal(23,0)"),
        (["1" * 38], "decimal(38,0)"),
        (["1" * 39], "double"),
        ([f"{BIG}", "1.5"], "double"),
        ([f"{BIG}", '"x"'], "string"),
    ],
)
def test_whole_numbers_beyond_bigint(
    session: SessionState, tmp_path: Path, values: list[str], found: str
) -> None:
    documents = [f'{{"a":{value}}}' for value in values]
    assert inferred(session, tmp_path, *documents) == f"struct<a:{found}>"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["1.5"], "decimal(2,1)"),
        (["1.5", "1"], "decimal(21,1)"),
        (["1.5", "12.345"], "decimal(5,3)"),
        (["1.5e-3"], "decimal(4,4)"),
        (["0.01"], "decimal(2,2)"),
        ([f"1.{'2' * 38}"], "double"),
        (["12345678901234567890.5", "0.1234567890123456789012345"], "double"),
        (["1.50", f"{BIG}"], "decimal(21,2)"),
        (["[1.5, 2]"], "array<decimal(21,1)>"),
    ],
)
def test_fractions_as_decimals(
    session: SessionState, tmp_path: Path, values: list[str], found: str
) -> None:
    documents = [f'{{"a":{value}}}' for value in values]
    assert inferred(session, tmp_path, *documents, prefersDecimal="true") == f"struct<a:{found}>"


def test_primitives_as_strings(session: SessionState, tmp_path: Path) -> None:
    document = f'{{"a":{BIG},"b":{{"c":{BIG},"d":null,"e":true}}}}'
    found = inferred(session, tmp_path, document, primitivesAsString="true")
    assert found == "struct<a:string,b:struct<c:string,d:string,e:string>>"


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ('{"a":1,"a":2}', "a"),
        ('{"a":1,"A":2}', "a"),
        ('{"a":null,"a":2}', "a"),
        ('{"a":{"b":1},"a":{"c":2}}', "a"),
        ('{"a":{"b":1,"B":2}}', "b"),
        (f'{{"a":[{{"b":{BIG},"b":2}}]}}', "b"),
    ],
)
def test_keys_that_come_twice_are_refused(
    session: SessionState, tmp_path: Path, document: str, name: str
) -> None:
    with pytest.raises(SparkError) as caught:
        inferred(session, tmp_path, document)
    assert caught.value.error_class == "COLUMN_ALREADY_EXISTS"
    assert caught.value.parameters == {"columnName": f"`{name}`"}


def test_a_sample_of_no_lines_is_refused(session: SessionState, tmp_path: Path) -> None:
    with pytest.raises(SparkError, match=r"samplingRatio \(0.0\) should be greater than 0"):
        inferred(session, tmp_path, "{}", samplingRatio="0")
