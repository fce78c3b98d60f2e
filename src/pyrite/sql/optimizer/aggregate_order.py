"""How Spark would group: it decides the order in which groups come out."""

from __future__ import annotations

from enum import Enum, auto

from pyrite.sql.expressions.expression import AggregateExpression, Call, Expression
from pyrite.sql.plans.plan import Aggregate
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    DataType,
    MapType,
    StringType,
    StructType,
    VariantType,
)

__all__ = ["AggregateKind", "kind_of"]

#: Aggregates that remember values as they are; Spark has place for those of fixed width only.
_REMEMBER = {"any_value", "first", "last", "max", "max_by", "min", "min_by"}

#: Aggregates whose state is an object: groups with these are in a table of objects.
_OBJECTS = {
    "approx_percentile",
    "array_agg",
    "collect_list",
    "collect_set",
    "histogram_numeric",
    "listagg",
    "median",
    "mode",
    "percentile",
    "percentile_approx",
    "percentile_cont",
    "percentile_disc",
    "string_agg",
}

_OF_ANY_WIDTH = (ArrayType, BinaryType, MapType, StringType, StructType, VariantType)


class AggregateKind(Enum):
    """What a group's place depends on."""

    #: When its key was first seen.
    HASHED = auto()
    #: The same, but there are no aggregates, only keys.
    KEYS = auto()
    #: When its key was first seen among rows that were made distinct before.
    DISTINCT = auto()
    #: Its key: groups are sorted.
    SORTED = auto()


def kind_of(plan: Aggregate) -> AggregateKind:
    """Return how Spark would do an aggregate with keys."""
    items: tuple[Expression, ...] = plan.aggregates
    nodes = (node for item in items for node in item.walk())
    found = [node for node in nodes if isinstance(node, AggregateExpression)]
    names = {node.call.function.name for node in found if isinstance(node.call, Call)}
    if not names & _OBJECTS and any(map(_remembers, found)):
        return AggregateKind.SORTED
    if any(node.distinct for node in found):
        return AggregateKind.DISTINCT
    return AggregateKind.HASHED if found else AggregateKind.KEYS


def _remembers(node: AggregateExpression) -> bool:
    call = node.call
    if not isinstance(call, Call) or call.function.name not in _REMEMBER:
        return False
    return any(_any_width(argument.data_type) for argument in call.arguments)


def _any_width(data_type: DataType) -> bool:
    return isinstance(data_type, _OF_ANY_WIDTH)
