from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from pyrite.sql.expressions.expression import Alias, Attribute, Literal, new_expression_id
from pyrite.sql.plans.plan import Filter, Project, Range, SourceRelation
from pyrite.sql.plans.semantics import semantic_key
from pyrite.sql.types import BOOLEAN, INTEGER, LONG


def numbers(end: int = 3) -> Range:
    """The numbers below ``end``, in a column with a new id."""
    return Range(0, end, 1, None, (Attribute("id", LONG, False, new_expression_id()),))


def test_ids_and_names_of_columns_do_not_count() -> None:
    one, other = numbers(), numbers()
    assert one != other
    assert semantic_key(one) == semantic_key(other)
    renamed = replace(one, attributes=(replace(one.attributes[0], name="n"),))
    assert semantic_key(renamed) == semantic_key(one)


def test_what_is_computed_counts() -> None:
    assert semantic_key(numbers(3)) != semantic_key(numbers(4))
    child = numbers()
    keep, drop = (Filter(Literal(value, BOOLEAN), child) for value in (True, False))
    assert len({semantic_key(plan) for plan in (child, keep, drop)}) == 3


def test_names_given_on_the_way_do_not_count() -> None:
    child = numbers()
    a, b = (Project((Alias(Literal(1, INTEGER), name),), child) for name in "ab")
    assert semantic_key(a) == semantic_key(b)


def test_a_projection_of_every_column_is_none() -> None:
    child = numbers()
    assert semantic_key(Project(child.output, child)) == semantic_key(child)
    assert semantic_key(Project(child.output * 2, child)) != semantic_key(child)


def test_which_column_is_read_counts() -> None:
    columns = tuple(Attribute(name, LONG, False, new_expression_id()) for name in "ab")
    child = replace(numbers(), attributes=columns)
    first, second = (Project((column,), child) for column in columns)
    assert semantic_key(first) != semantic_key(second)


def test_which_column_of_a_scan_is_left_counts() -> None:
    columns = tuple(Attribute(name, LONG, False, new_expression_id()) for name in "ab")
    scan: Any = SimpleNamespace(identity="files")
    first, again, second = (SourceRelation((columns[place],), scan) for place in (0, 0, 1))
    assert semantic_key(first) == semantic_key(again)
    assert semantic_key(first) != semantic_key(second)
