"""Aggregates: counting, sums and means, extremes, collecting, bits and booleans."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Cast, CastMode, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext, Partial
from pyrite.sql.functions.define import aggregate
from pyrite.sql.functions.nested_order import holds_nulls, order_key
from pyrite.sql.functions.partials import buffer, by_itself, by_list, merged
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.functions.signature import arrange, call_text, coerce, mismatch
from pyrite.sql.functions.sums import (
    PARTIAL_COUNT,
    average_sql,
    average_type,
    count_sql,
    partial_average,
    partial_count,
    partial_count_if,
    partial_sum,
    partial_try_average,
    partial_try_sum,
    sum_sql,
    sum_type,
    try_average_sql,
    try_sum_sql,
)
from pyrite.sql.functions.type_coercion import cast_to, is_orderable
from pyrite.sql.types import (
    DOUBLE,
    INTEGER,
    TIMESTAMP,
    ArrayType,
    BinaryType,
    DataType,
    IntegralType,
    NullType,
    TimestampNTZType,
    TimestampType,
    sql_name,
)

__all__ = ["FUNCTIONS"]


def _coerce_average(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Take times as seconds since 1970."""
    times = [isinstance(a.data_type, (TimestampType, TimestampNTZType)) for a in arguments]
    if times == [True]:
        mode = CastMode.ANSI if ansi else CastMode.LEGACY
        instant = cast_to(arguments[0], TIMESTAMP, ansi)
        return (Cast(instant, DOUBLE, mode, implicit=True),)
    return coerce(function, arguments, ansi)


def _coerce_orderable(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Refuse an ordering of values that have none, such as maps."""
    given = coerce(function, arguments, ansi)
    ordering = given[min(len(given), 2) - 1].data_type
    if not is_orderable(ordering):
        raise analysis_error(
            "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
            sqlExpr=f'"{call_text(function, given)}"',
            functionName=f"`{function.name}`",
            dataType=f'"{sql_name(ordering)}"',
        )
    return given


def _coerce_bits(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Take whole numbers only, not texts of them."""
    given = arrange(function, arguments)
    if not isinstance(given[0].data_type, (IntegralType, NullType)):
        raise mismatch(function, given, 0, "INTEGRAL")
    return coerce(function, given, ansi)


def _ignores_nulls(call: Call) -> bool:
    flag = call.arguments[-1]
    return isinstance(flag, Literal) and flag.value is True


def _picked(duckdb_name: str) -> Lowering:
    """Lower to the first or last value, of those that are not null if the call says so."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        if _ignores_nulls(call):
            value = arguments[0]
            aggregate = f"{duckdb_name}({value}) FILTER (WHERE {value} IS NOT NULL{{and_filter}})"
            window = f"{duckdb_name}({value} IGNORE NULLS){{over}}"
            return f"{{window}}{window}{{aggregate}}{aggregate}{{end}}"
        return f"{duckdb_name}({{distinct}}{arguments[0]}){{filter}}"

    return lower


def _picked_pretty(name: str) -> Callable[[Sequence[str]], str]:
    def pretty(texts: Sequence[str]) -> str:
        return f"{name}({texts[0]})"

    return pretty


def _partial_pick(duckdb_name: str) -> Callable[[Call], Partial | None]:
    """Pick from each part, of those that have rows if a null may be picked."""

    def partial(call: Call) -> Partial | None:
        if _ignores_nulls(call):
            return by_itself(call)
        rows = buffer(PARTIAL_COUNT, Literal(1, INTEGER))
        return Partial((call, rows), merged(f"{duckdb_name}({{0}}) FILTER (WHERE {{1}} > 0)"))

    return partial


def _pick(name: str, duckdb_name: str, description: str) -> tuple[Function, ...]:
    return aggregate(
        f"{name}(expr: T, ignoreNulls: boolean = false) -> T",
        _picked(duckdb_name),
        description,
        pretty=_picked_pretty(name),
        result=lambda arguments: arguments[0].data_type,
        partial=_partial_pick(duckdb_name),
    )


def _extreme(name: str) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        value, data_type = arguments[0], call.arguments[0].data_type
        if holds_nulls(data_type):
            return f"arg_{name}({value}, {order_key(value, data_type)}){{filter}}"
        return f"{name}({{distinct}}{value}){{filter}}"

    return lower


def _at_extreme(name: str) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        arguments = (
            arguments[0],
            order_key(arguments[1], call.arguments[1].data_type),
            *arguments[2:],
        )
        if len(arguments) == 2:
            return f"{name}_null({{distinct}}{arguments[0]}, {arguments[1]}){{filter}}"
        return f"{name}({{distinct}}{', '.join(arguments)}){{filter}}"

    return lower


def _partial_at_extreme(extreme: str, duckdb_name: str) -> Callable[[Call], Partial | None]:
    """Keep the value at each part's extreme, and the extreme."""

    def partial(call: Call) -> Partial | None:
        if len(call.arguments) > 2:
            return None
        bound = buffer(builtin_functions()[extreme], call.arguments[1])
        return Partial((call, bound), merged(f"{duckdb_name}_null({{0}}, {{1}})"))

    return partial


def _at_extreme_type(arguments: Sequence[Expression]) -> DataType:
    value = arguments[0].data_type
    return value if len(arguments) == 2 else ArrayType(value, arguments[0].nullable)


def _collected(arguments: Sequence[Expression]) -> DataType:
    return ArrayType(arguments[0].data_type, containsNull=False)


_COLLECT = (
    "coalesce(list({distinct}{expr}) FILTER (WHERE {expr} IS NOT NULL{and_filter}){over}, [])"
)
_COLLECT_SET = _COLLECT.replace("{distinct}", "DISTINCT ")


def _listagg(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    delimiter = f"coalesce({arguments[1]}, '')"
    if isinstance(call.data_type, BinaryType):
        # Keys of an order beside DISTINCT have to be the argument itself.
        values = f"list({{distinct}}{arguments[0]} {{order}}){{filter}}"
        texts = f"list_transform({values}, lambda v: hex(v))"
        return f"unhex(list_aggregate({texts}, 'string_agg', hex({delimiter}::BLOB)))"
    return f"string_agg({{distinct}}{arguments[0]}, {delimiter} {{order}}){{filter}}"


_BOOLEAN_AGGREGATES = (
    ("bool_and", ("every",), "Whether all values are true."),
    ("bool_or", ("some", "any"), "Whether a value is true."),
)
_BIT_AGGREGATES = (
    ("bit_and", "The bits that all values have."),
    ("bit_or", "The bits that a value has."),
    ("bit_xor", "The bits that an odd number of values have."),
)


def _partial_grouping(call: Call) -> Partial:
    """All parts of a group are of one grouping set."""
    return Partial((call,), merged("max({0})"))


FUNCTIONS = (
    aggregate(
        "count(exprs...: any) -> bigint",
        count_sql,
        "How many rows have a value; with several arguments, all of them.",
        nullable=False,
        partial=partial_count,
    ),
    aggregate(
        "sum(expr: numeric|dt_interval|ym_interval)",
        sum_sql,
        "The sum.",
        result=sum_type,
        partial=partial_sum,
    ),
    aggregate(
        "try_sum(expr: numeric|dt_interval|ym_interval)",
        try_sum_sql,
        "The sum, null if it is out of range.",
        result=sum_type,
        partial=partial_try_sum,
    ),
    aggregate(
        "avg(expr: numeric|dt_interval|ym_interval)",
        average_sql,
        "The mean.",
        coerce=_coerce_average,
        result=average_type,
        aliases=("mean",),
        partial=partial_average,
    ),
    aggregate(
        "try_avg(expr: numeric|dt_interval|ym_interval)",
        try_average_sql,
        "The mean, null if it is out of range.",
        coerce=_coerce_average,
        result=average_type,
        partial=partial_try_average,
    ),
    aggregate(
        "product(expr: double) -> double", "product({expr})", "The product.", partial=by_itself
    ),
    *(
        aggregate(
            f"{name}(expr: T) -> T",
            _extreme(name),
            f"The {word} value.",
            coerce=_coerce_orderable,
            partial=by_itself,
        )
        for name, word in (("max", "greatest"), ("min", "least"))
    ),
    *(
        aggregate(
            f"{name}(expr: T, ord: orderable, k?: int) -> T",
            _at_extreme(duckdb_name),
            f"The value at the {word} ord, or those at the k {word} ones.",
            coerce=_coerce_orderable,
            result=_at_extreme_type,
            partial=_partial_at_extreme(extreme, duckdb_name),
        )
        for name, extreme, duckdb_name, word in (
            ("max_by", "max", "arg_max", "greatest"),
            ("min_by", "min", "arg_min", "least"),
        )
    ),
    _pick("first", "first", "The first value."),
    _pick("first_value", "first", "The first value."),
    _pick("any_value", "first", "Some value."),
    _pick("last", "last", "The last value."),
    _pick("last_value", "last", "The last value."),
    aggregate(
        "collect_list(expr: any)",
        _COLLECT,
        "All values that are not null, in an array.",
        nullable=False,
        result=_collected,
        aliases=("array_agg",),
        partial=lambda call: Partial((call,), by_list("coalesce({all}, [])")),
        pretty=lambda texts: f"collect_list({texts[0]})",
    ),
    aggregate(
        "collect_set(expr: any)",
        _COLLECT_SET,
        "All different values that are not null, in an array.",
        nullable=False,
        result=_collected,
        partial=lambda call: Partial((call,), by_list("coalesce(list_distinct({all}), [])")),
    ),
    aggregate(
        "listagg(expr: string|binary, delimiter: string|binary = null)",
        _listagg,
        "All values in one text.",
        result=lambda arguments: arguments[0].data_type,
        aliases=("string_agg",),
        partial=by_itself,
    ),
    aggregate(
        "count_if(expr: boolean) -> bigint",
        "CAST(coalesce(count_if({distinct}{expr}){filter}, 0) AS BIGINT)",
        "How many values are true.",
        nullable=False,
        partial=partial_count_if,
    ),
    *(
        aggregate(
            f"{name}(expr: boolean) -> boolean",
            f"{name}({{expr}})",
            text,
            aliases=aliases,
            partial=by_itself,
        )
        for name, aliases, text in _BOOLEAN_AGGREGATES
    ),
    *(
        aggregate(
            f"{name}(expr: integral)",
            f"{name}({{expr}})",
            text,
            coerce=_coerce_bits,
            result=lambda arguments: arguments[0].data_type,
            partial=by_itself,
        )
        for name, text in _BIT_AGGREGATES
    ),
    aggregate(
        "grouping(expr: any) -> tinyint",
        "CAST(GROUPING({expr}) AS TINYINT){distinct}",
        "1 where ROLLUP, CUBE or GROUPING SETS left the column out of the grouping, else 0.",
        nullable=False,
        partial=_partial_grouping,
    ),
    aggregate(
        "grouping_id(exprs...?: any) -> bigint",
        "GROUPING({*}){distinct}",
        "The grouping() of several columns, as bits.",
        nullable=False,
        partial=_partial_grouping,
    ),
)
