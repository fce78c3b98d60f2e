"""Aggregates: counting, sums and means, extremes, collecting, bits and booleans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Cast, CastMode, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.functions.define import aggregate
from pyrite.sql.functions.signature import arrange, call_text, coerce, mismatch
from pyrite.sql.functions.type_coercion import cast_to, is_orderable
from pyrite.sql.types import (
    DOUBLE,
    LONG,
    TIMESTAMP,
    ArrayType,
    BinaryType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    IntegralType,
    NullType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
    sql_name,
)

__all__ = ["FUNCTIONS"]

_LONG_RANGE = "CAST(18446744073709551616 AS HUGEINT)"
#: What a decimal has at most.
_MOST_DIGITS = 38
_LONG_HALF = "CAST(9223372036854775808 AS HUGEINT)"


def _count(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if len(arguments) == 1:
        return f"count({{distinct}}{arguments[0]}){{filter}}"
    present = " AND ".join(f"{argument} IS NOT NULL" for argument in arguments)
    row = f"row({', '.join(arguments)})"
    return f"count({{distinct}}CASE WHEN {present} THEN {row} END){{filter}}"


def _sum_type(arguments: Sequence[Expression]) -> DataType:
    match arguments[0].data_type:
        case IntegralType():
            return LONG
        case DecimalType() as given:
            return DecimalType(min(given.precision + 10, 38), given.scale)
        case DayTimeIntervalType() | YearMonthIntervalType() as given:
            return given
        case _:
            return DOUBLE


def _sum(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    total = f"sum({{distinct}}{arguments[0]}){{filter}}"
    match call.data_type:
        case DecimalType() as result:
            return f"CAST({total} AS DECIMAL({result.precision},{result.scale}))"
        case YearMonthIntervalType():
            return f"CAST({total} AS INTEGER)"
        case DayTimeIntervalType():
            return f"CAST({total} AS BIGINT)"
        case type_ if type_ == DOUBLE:
            return f"sum({{distinct}}CAST({arguments[0]} AS DOUBLE)){{filter}}"
        case _ if context.ansi:
            return f"CAST({total} AS BIGINT)"
        case _:  # two's complement: what is over wraps around
            unsigned = f"(({total} + {_LONG_HALF}) % {_LONG_RANGE} + {_LONG_RANGE}) % {_LONG_RANGE}"
            return f"CAST({unsigned} - {_LONG_HALF} AS BIGINT)"


def _try_sum(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    total = f"sum({{distinct}}{arguments[0]}){{filter}}"
    match call.data_type:
        case DecimalType() as result if result.precision == _MOST_DIGITS:
            return _sum_of_long_decimals(arguments[0], result)
        case DecimalType() as result:
            return f"TRY_CAST({total} AS DECIMAL({result.precision},{result.scale}))"
        case YearMonthIntervalType():
            return f"TRY_CAST({total} AS INTEGER)"
        case type_ if type_ == DOUBLE:
            return _sum(call, arguments, context)
        case _:
            return f"TRY_CAST({total} AS BIGINT)"


def _sum_of_long_decimals(argument: str, result: DecimalType) -> str:
    """Return SQL of a sum that is null where DuckDB's, of 38 digits, would raise.

    The upper and the lower half of the numbers' digits are summed by themselves.
    """
    half = f"CAST({10 ** (_MOST_DIGITS // 2)} AS HUGEINT)"
    digits = _digits(argument)
    upper, lower = (f"sum({{distinct}}{digits} {part} {half}){{filter}}" for part in ("//", "%"))
    carried = f"({upper} + {lower} // {half})"
    total = f"({carried} * {half} + {lower} % {half})"
    return f"CASE WHEN abs({carried}) < {half} THEN {_from_digits(total, result)} END"


def _digits(decimal: str) -> str:
    """Return SQL of a decimal's digits as a whole number, read from its text."""
    return f"CAST(replace(CAST({decimal} AS VARCHAR), '.', '') AS HUGEINT)"


def _from_digits(digits: str, result: DecimalType) -> str:
    """Return SQL of the decimal of a type that has these digits."""
    unit = f"CAST(1e-{result.scale} AS DECIMAL({result.scale},{result.scale}))"
    whole = f"CAST({digits} AS DECIMAL(38,0))"
    if not result.scale:
        return f"CAST({whole} AS DECIMAL({result.precision},0))"
    return f"CAST({whole} * {unit} AS DECIMAL({result.precision},{result.scale}))"


def _average_type(arguments: Sequence[Expression]) -> DataType:
    match arguments[0].data_type:
        case DecimalType() as given:
            return _bounded(given.precision + 4, given.scale + 4)
        case DayTimeIntervalType():
            return DayTimeIntervalType(DayTimeIntervalType.DAY, DayTimeIntervalType.SECOND)
        case YearMonthIntervalType():
            return YearMonthIntervalType(YearMonthIntervalType.YEAR, YearMonthIntervalType.MONTH)
        case _:
            return DOUBLE


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


def _bounded(precision: int, scale: int) -> DecimalType:
    return DecimalType(min(precision, 38), min(scale, 38))


def _average(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    argument = arguments[0]
    match call.data_type:
        case DecimalType() as result:
            total = f"sum({{distinct}}{argument}){{filter}}"
            return _decimal_average(argument, total, result, strict=context.ansi)
        case DayTimeIntervalType():
            return f"CAST(round(avg({{distinct}}{argument}){{filter}}) AS BIGINT)"
        case YearMonthIntervalType():
            return f"CAST(round(avg({{distinct}}{argument}){{filter}}) AS INTEGER)"
        case _:
            return f"avg({{distinct}}{argument}){{filter}}"


def _try_average(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    argument, given = arguments[0], call.arguments[0].data_type
    match call.data_type:
        case DecimalType() as result:
            assert isinstance(given, DecimalType)
            total = f"sum({{distinct}}{argument}){{filter}}"
            if given.precision + 10 > _MOST_DIGITS:
                total = _sum_of_long_decimals(argument, DecimalType(38, given.scale))
            return _decimal_average(argument, total, result, strict=False)
        case DayTimeIntervalType() | YearMonthIntervalType():
            total = _try_sum(replace(call, data_type=given), arguments, context)
            mean = _average(call, arguments, context)
            return f"CASE WHEN {total} IS NOT NULL THEN {mean} END"
        case _:
            return _average(call, arguments, context)


def _decimal_average(argument: str, total: str, result: DecimalType, *, strict: bool) -> str:
    """Divide the sum by the count exactly, rounding half up.

    DuckDB divides decimals as doubles, so this divides the sum's digits as a whole number; they
    are taken from its text, which costs nothing at one value for each group.

    Args:
        argument: SQL of what is averaged.
        total: SQL of its sum.
        result: The mean's type.
        strict: Whether a sum with too many digits raises, rather than give null.
    """
    count = f"count({{distinct}}{argument}){{filter}}"
    digits = _digits(f"{'' if strict else 'TRY_'}CAST({total} AS DECIMAL(38,{result.scale}))")
    rounded = f"(abs({digits}) + {count} // 2) // nullif({count}, 0)"
    return _from_digits(f"sign({digits}) * {rounded}", result)


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


def _pick(name: str, duckdb_name: str, description: str) -> tuple[Function, ...]:
    return aggregate(
        f"{name}(expr: T, ignoreNulls: boolean = false) -> T",
        _picked(duckdb_name),
        description,
        pretty=_picked_pretty(name),
        result=lambda arguments: arguments[0].data_type,
    )


def _at_extreme(name: str) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        if len(arguments) == 2:
            return f"{name}_null({{distinct}}{arguments[0]}, {arguments[1]}){{filter}}"
        return f"{name}({{distinct}}{', '.join(arguments)}){{filter}}"

    return lower


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
        joined = f"string_agg({{distinct}}hex({arguments[0]}), hex({delimiter}::BLOB){{order}})"
        return f"unhex({joined}{{filter}})"
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

FUNCTIONS = (
    aggregate(
        "count(exprs...: any) -> bigint",
        _count,
        "How many rows have a value; with several arguments, all of them.",
        nullable=False,
    ),
    aggregate("sum(expr: numeric|dt_interval|ym_interval)", _sum, "The sum.", result=_sum_type),
    aggregate(
        "try_sum(expr: numeric|dt_interval|ym_interval)",
        _try_sum,
        "The sum, null if it is out of range.",
        result=_sum_type,
    ),
    aggregate(
        "avg(expr: numeric|dt_interval|ym_interval)",
        _average,
        "The mean.",
        coerce=_coerce_average,
        result=_average_type,
        aliases=("mean",),
    ),
    aggregate(
        "try_avg(expr: numeric|dt_interval|ym_interval)",
        _try_average,
        "The mean, null if it is out of range.",
        coerce=_coerce_average,
        result=_average_type,
    ),
    aggregate("product(expr: double) -> double", "product({expr})", "The product."),
    aggregate("max(expr: T) -> T", "max({expr})", "The greatest value.", coerce=_coerce_orderable),
    aggregate("min(expr: T) -> T", "min({expr})", "The least value.", coerce=_coerce_orderable),
    *(
        aggregate(
            f"{name}(expr: T, ord: orderable, k?: int) -> T",
            _at_extreme(duckdb_name),
            f"The value at the {word} ord, or those at the k {word} ones.",
            coerce=_coerce_orderable,
            result=_at_extreme_type,
        )
        for name, duckdb_name, word in (
            ("max_by", "arg_max", "greatest"),
            ("min_by", "arg_min", "least"),
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
        pretty=lambda texts: f"collect_list({texts[0]})",
    ),
    aggregate(
        "collect_set(expr: any)",
        _COLLECT_SET,
        "All different values that are not null, in an array.",
        nullable=False,
        result=_collected,
    ),
    aggregate(
        "listagg(expr: string|binary, delimiter: string|binary = null)",
        _listagg,
        "All values in one text.",
        result=lambda arguments: arguments[0].data_type,
        aliases=("string_agg",),
    ),
    aggregate(
        "count_if(expr: boolean) -> bigint",
        "CAST(coalesce(count_if({distinct}{expr}){filter}, 0) AS BIGINT)",
        "How many values are true.",
        nullable=False,
    ),
    *(
        aggregate(f"{name}(expr: boolean) -> boolean", f"{name}({{expr}})", text, aliases=aliases)
        for name, aliases, text in _BOOLEAN_AGGREGATES
    ),
    *(
        aggregate(
            f"{name}(expr: integral)",
            f"{name}({{expr}})",
            text,
            coerce=_coerce_bits,
            result=lambda arguments: arguments[0].data_type,
        )
        for name, text in _BIT_AGGREGATES
    ),
    aggregate(
        "grouping(expr: any) -> tinyint",
        "CAST(GROUPING({expr}) AS TINYINT){distinct}",
        "1 where ROLLUP, CUBE or GROUPING SETS left the column out of the grouping, else 0.",
        nullable=False,
    ),
    aggregate(
        "grouping_id(exprs...?: any) -> bigint",
        "GROUPING({*}){distinct}",
        "The grouping() of several columns, as bits.",
        nullable=False,
    ),
)
