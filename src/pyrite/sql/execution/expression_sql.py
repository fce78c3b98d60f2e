"""Resolved expressions as DuckDB SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pyrite.sql.duckdb_text import identifier, quote
from pyrite.sql.errors import Origin, internal_error
from pyrite.sql.execution.cast_sql import cast_sql
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Cast,
    Exists,
    Expression,
    FrameBound,
    InSubquery,
    LambdaFunction,
    LambdaVariable,
    Literal,
    ScalarSubquery,
    SortOrder,
    WindowExpression,
)
from pyrite.sql.functions.define import place_clauses
from pyrite.sql.functions.nested_order import order_key
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    UserDefinedType,
    VariantType,
    YearMonthIntervalType,
    to_duckdb,
)

if TYPE_CHECKING:
    from pyrite.sql.execution.relation_sql import RelationWriter

__all__ = ["ExpressionWriter", "column_name", "literal_sql", "sort_direction"]


def column_name(attribute: Attribute) -> str:
    """Return the name of an attribute's column in SQL text: its id, which is never twice."""
    return f"c{attribute.expression_id}"


def sort_direction(order: SortOrder) -> str:
    """Return what stands behind a key in ORDER BY."""
    direction = "ASC" if order.ascending else "DESC"
    return f"{direction} NULLS {'FIRST' if order.nulls_first else 'LAST'}"


def literal_sql(value: Any, data_type: DataType) -> str:
    """Return a constant as DuckDB SQL of exactly its type's DuckDB type."""
    if value is None:
        return f"CAST(NULL AS {to_duckdb(data_type)})"
    match data_type:
        case StringType():
            return quote(value)
        case BooleanType():
            return "TRUE" if value else "FALSE"
        case IntegerType():
            return str(value) if value >= 0 else f"({value})"
        case FloatType() | DoubleType():
            return f"CAST('{value!r}' AS {to_duckdb(data_type)})"
        case DecimalType():
            return f"CAST('{Decimal(value):f}' AS {to_duckdb(data_type)})"
        case BinaryType():
            return "from_hex('" + bytes(value).hex() + "')"
        case DateType():
            return f"(DATE '1970-01-01' + {value})" if not 0 <= value < 100_000 else _date(value)
        case TimestampType():
            return f"make_timestamptz({value})"
        case TimestampNTZType():
            return f"make_timestamp({value})"
        case TimeType():
            return f"(TIME '00:00:00' + to_microseconds({value // 1000}))"
        case CalendarIntervalType():
            months, days, micros = value
            return f"(to_months({months}) + to_days({days}) + to_microseconds({micros}))"
        case DayTimeIntervalType() | YearMonthIntervalType():
            return f"CAST({value} AS {to_duckdb(data_type)})"
        case ArrayType():
            items = ", ".join(literal_sql(item, data_type.elementType) for item in value)
            return f"CAST([{items}] AS {to_duckdb(data_type)})"
        case MapType():
            keys = ", ".join(literal_sql(k, data_type.keyType) for k, _ in value)
            values = ", ".join(literal_sql(v, data_type.valueType) for _, v in value)
            return f"CAST(map([{keys}], [{values}]) AS {to_duckdb(data_type)})"
        case StructType():
            fields = ", ".join(
                f"{identifier(field.name)} := {literal_sql(v, field.dataType)}"
                for field, v in zip(data_type.fields, value, strict=True)
            )
            return f"CAST(struct_pack({fields}) AS {to_duckdb(data_type)})"
        case UserDefinedType():
            return literal_sql(value, data_type.sqlType())
        case VariantType():
            raise internal_error("a variant constant has no SQL text")
        case _:
            return f"CAST({value} AS {to_duckdb(data_type)})"


def _date(days: int) -> str:
    import datetime

    return f"DATE '{datetime.date(1970, 1, 1) + datetime.timedelta(days=days)}'"


class ExpressionWriter:
    """Writes expressions; what a lowering may ask for (``LoweringContext``).

    Args:
        relations: For subqueries, settings and Arrow functions.
        columns: SQL of each attribute by id, where it is not simply its column's name.
    """

    def __init__(self, relations: RelationWriter, columns: Mapping[int, str]) -> None:
        self.relations = relations
        self.columns = columns
        #: Where the expression stands that is being written: its own place, or that of the
        #: expression around it, such as of the operation that a cast was inserted for.
        self._origin: Origin | None = None

    @property
    def ansi(self) -> bool:
        """Whether bad values raise."""
        return self.relations.ansi

    @property
    def time_zone(self) -> str:
        """The session's time zone."""
        return self.relations.time_zone

    @property
    def wide_decimals(self) -> bool:
        """Whether decimal products get room for every digit."""
        return self.relations.wide_decimals

    @property
    def runs_again(self) -> bool:
        """Whether decimals that do not fit may end the query, which then runs with wide ones."""
        return self.relations.runs_again

    @property
    def last_map_key_wins(self) -> bool:
        """Whether a map's key may come twice."""
        return self.relations.last_map_key_wins

    @property
    def time_parser_policy(self) -> str:
        """Which patterns of dates and times apply."""
        return self.relations.time_parser_policy

    def kernel(self, call: Call, compute: Callable[..., Any], arguments: Iterable[str]) -> str:
        """Return SQL that applies a function over Arrow arrays to arguments."""
        name = self.relations.register(call, compute)
        if self._origin is not None:
            self.relations.places.note_kernel(name, self._origin)
        return f"{name}({', '.join(arguments)})"

    def sql(self, expression: Expression) -> str:
        """Return the SQL of an expression."""
        return _WRITERS[type(expression)](self, expression)

    def _attribute(self, attribute: Attribute) -> str:
        return self.columns.get(attribute.expression_id) or column_name(attribute)

    def _cast(self, cast: Cast) -> str:
        around = self._enter(cast)
        sql = self.sql(cast.child)
        sql = cast_sql(sql, cast.child.data_type, cast.data_type, cast.mode, self)
        return self._leave(cast, sql, around)

    def _call(self, call: Call) -> str:
        call = _without_not(call)
        around = self._enter(call)
        sql = call.function.lower(call, [self.sql(a) for a in call.arguments], self)
        return self._leave(call, sql, around)

    def _enter(self, expression: Cast | Call) -> Origin | None:
        """Go to the place of an expression; return the one around it, to go back to."""
        around = self._origin
        self._origin = expression.origin or around
        return around

    def _leave(self, expression: Expression, sql: str, around: Origin | None) -> str:
        """Go back, and return the SQL with the expression's number in its errors."""
        origin, self._origin = self._origin, around
        return sql if origin is None else self.relations.places.note(expression, sql, origin)

    def _aggregate(self, aggregate: AggregateExpression) -> str:
        with self.relations.before_all_rows():
            return self._aggregate_over(aggregate, "")

    def _aggregate_over(self, aggregate: AggregateExpression, over: str) -> str:
        call = aggregate.call
        if not isinstance(call, Call):
            raise internal_error(f"the Python aggregate {call.name} reached DuckDB")
        keys: list[Expression] = [o for o in aggregate.order if not o.child.foldable]
        if aggregate.distinct and isinstance(call.data_type, (StringType, BinaryType)):
            keys = keys or [a for a in call.arguments[:1] if not a.foldable]  # or any order
        order = ", ".join(map(self.sql, keys))
        return place_clauses(
            self._call(call),
            distinct=aggregate.distinct,
            filter="" if aggregate.filter is None else self.sql(aggregate.filter),
            order=order,
            over=over,
        )

    def _sort_order(self, order: SortOrder) -> str:
        key = order_key(self.sql(order.child), order.data_type)
        return f"{key} {sort_direction(order)}"

    def _window(self, window: WindowExpression) -> str:
        parts = []
        if window.partition:
            parts.append("PARTITION BY " + ", ".join(map(self.sql, window.partition)))
        if window.order:
            parts.append("ORDER BY " + ", ".join(map(self.sql, window.order)))
        if window.frame_rows is not None:
            kind = "ROWS" if window.frame_rows else "RANGE"
            lower = self._bound(window.frame_lower, "PRECEDING", window)
            upper = self._bound(window.frame_upper, "FOLLOWING", window)
            parts.append(f"{kind} BETWEEN {lower} AND {upper}")
        over = f"({' '.join(parts)})"
        function = window.function
        if isinstance(function, AggregateExpression):
            return self._aggregate_over(function, over)
        assert isinstance(function, Call)
        return place_clauses(self._call(function), over=over)

    def _bound(self, bound: FrameBound | Expression, side: str, window: WindowExpression) -> str:
        if bound is FrameBound.CURRENT_ROW:
            return "CURRENT ROW"
        if isinstance(bound, FrameBound):
            return f"UNBOUNDED {side}"
        if isinstance(bound, Literal) and isinstance(bound.value, (int, float, Decimal)):
            direction = "PRECEDING" if bound.value < 0 else "FOLLOWING"
            return f"{self._distance(abs(bound.value), bound.data_type, window)} {direction}"
        text = self.sql(bound)
        return f"{text[2:-1]} PRECEDING" if text.startswith("(-") else f"{text} FOLLOWING"

    def _distance(self, value: Any, data_type: DataType, window: WindowExpression) -> str:
        """Return a RANGE frame's distance in the unit of the key it is added to."""
        keys = [key.data_type for key in window.order]
        if not window.frame_rows and keys:
            if isinstance(data_type, DayTimeIntervalType):
                return f"to_microseconds({value})"
            if isinstance(data_type, YearMonthIntervalType):
                return f"to_months({value})"
            if isinstance(keys[0], DateType):
                return f"to_days({value})"
        return str(value)

    def _lambda_variable(self, variable: LambdaVariable) -> str:
        return f"v{variable.expression_id}"

    def _lambda(self, function: LambdaFunction) -> str:
        names = ", ".join(map(self._lambda_variable, function.parameters))
        return f"lambda {names}: {self.sql(function.body)}"

    def _scalar_subquery(self, subquery: ScalarSubquery) -> str:
        sql = f"({self.relations.query(subquery.plan, self.columns)})"
        if subquery.origin is None:
            return sql
        return self.relations.places.note(subquery, sql, subquery.origin)

    def _exists(self, subquery: Exists) -> str:
        return f"EXISTS ({self.relations.rows(subquery.plan, self.columns)})"

    def _in_subquery(self, subquery: InSubquery) -> str:
        values = ", ".join(map(self.sql, subquery.values))
        inner = self.relations.query(subquery.plan, self.columns)
        if len(subquery.values) > 1 and subquery.outer_references():
            return self._correlated_in(subquery, inner)
        return f"(({values}) IN ({inner}))"

    def _correlated_in(self, subquery: InSubquery, inner: str) -> str:
        """Compare several values by hand: DuckDB knows no such IN that reads outer columns."""
        equal = " AND ".join(
            f"{self.sql(value)} = candidates.{column_name(column)}"
            for value, column in zip(subquery.values, subquery.plan.output, strict=True)
        )
        return (
            "(SELECT CASE WHEN bool_or(equal) THEN TRUE WHEN bool_or(equal IS NULL) THEN NULL "
            f"ELSE FALSE END FROM (SELECT {equal} AS equal FROM ({inner}) AS candidates) AS found)"
        )


#: Comparisons, and what says the opposite of each.
_OPPOSITES = {"=": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _without_not(call: Call) -> Call:
    """Return ``a <> b`` for ``NOT (a = b)``, which DuckDB cannot make part of a join."""
    if call.function.name != "not":
        return call
    (negated,) = call.arguments
    opposite = _OPPOSITES.get(negated.function.name) if isinstance(negated, Call) else None
    if opposite is None:
        return call
    assert isinstance(negated, Call)
    return replace(negated, function=builtin_functions()[opposite])


_WRITERS: dict[type[Expression], Callable[[ExpressionWriter, Any], str]] = {
    Attribute: ExpressionWriter._attribute,
    Literal: lambda _, literal: literal_sql(literal.value, literal.data_type),
    Alias: lambda writer, alias: writer.sql(alias.child),
    Cast: ExpressionWriter._cast,
    Call: ExpressionWriter._call,
    AggregateExpression: ExpressionWriter._aggregate,
    SortOrder: ExpressionWriter._sort_order,
    WindowExpression: ExpressionWriter._window,
    LambdaVariable: ExpressionWriter._lambda_variable,
    LambdaFunction: ExpressionWriter._lambda,
    ScalarSubquery: ExpressionWriter._scalar_subquery,
    Exists: ExpressionWriter._exists,
    InSubquery: ExpressionWriter._in_subquery,
}
