"""Counts, sums and means: how DuckDB computes them, whole and in parts.

The sum of a part keeps more digits than Spark's type of the whole sum has: only the whole is out
of range, or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Lowering, LoweringContext, Partial
from pyrite.sql.functions.define import aggregate
from pyrite.sql.functions.partials import buffer, merged
from pyrite.sql.types import (
    DOUBLE,
    LONG,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    FractionalType,
    IntegralType,
    LongType,
    YearMonthIntervalType,
    to_duckdb,
)

__all__ = [
    "PARTIAL_COUNT",
    "added",
    "average_sql",
    "average_type",
    "count_sql",
    "partial_average",
    "partial_count",
    "partial_count_if",
    "partial_sum",
    "partial_try_average",
    "partial_try_sum",
    "sum_sql",
    "sum_type",
    "try_average_sql",
    "try_sum_sql",
]

_LONG_RANGE = "CAST(18446744073709551616 AS HUGEINT)"
#: What a decimal has at most.
_MOST_DIGITS = 38
_LONG_HALF = "CAST(9223372036854775808 AS HUGEINT)"
#: The first number with more than half of these digits.
_HALF = f"CAST({10 ** (_MOST_DIGITS // 2)} AS HUGEINT)"


def count_sql(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to the number of rows where all arguments have a value."""
    if len(arguments) == 1:
        return f"count({{distinct}}{arguments[0]}){{filter}}"
    present = " AND ".join(f"{argument} IS NOT NULL" for argument in arguments)
    row = f"row({', '.join(arguments)})"
    return f"count({{distinct}}CASE WHEN {present} THEN {row} END){{filter}}"


# ---- sums ----


def sum_type(arguments: Sequence[Expression]) -> DataType:
    """Return the type of a sum."""
    match arguments[0].data_type:
        case IntegralType():
            return LONG
        case DecimalType() as given:
            return DecimalType(min(given.precision + 10, 38), given.scale)
        case DayTimeIntervalType() | YearMonthIntervalType() as given:
            return given
        case _:
            return DOUBLE


def sum_sql(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to a sum, which raises if it is out of range."""
    total = _total(arguments[0])
    match call.data_type:
        case DecimalType() as result:
            return f"CAST({total} AS DECIMAL({result.precision},{result.scale}))"
        case YearMonthIntervalType():
            return f"CAST({total} AS INTEGER)"
        case DayTimeIntervalType():
            return f"CAST({total} AS BIGINT)"
        case type_ if type_ == DOUBLE:
            return _total(f"CAST({arguments[0]} AS DOUBLE)")
        case _ if context.ansi:
            return f"CAST({total} AS BIGINT)"
        case _:  # two's complement: what is over wraps around
            unsigned = f"(({total} + {_LONG_HALF}) % {_LONG_RANGE} + {_LONG_RANGE}) % {_LONG_RANGE}"
            return f"CAST({unsigned} - {_LONG_HALF} AS BIGINT)"


def try_sum_sql(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to a sum that is null if it is out of range."""
    total = _total(arguments[0])
    match call.data_type:
        case DecimalType() as result if result.precision == _MOST_DIGITS:
            return _from_halves(map(_total, _halves(arguments[0])), result)
        case DecimalType() as result:
            return f"TRY_CAST({total} AS DECIMAL({result.precision},{result.scale}))"
        case YearMonthIntervalType():
            return f"TRY_CAST({total} AS INTEGER)"
        case type_ if type_ == DOUBLE:
            return sum_sql(call, arguments, context)
        case _:
            return f"TRY_CAST({total} AS BIGINT)"


def _total(argument: str) -> str:
    return f"sum({{distinct}}{argument}){{filter}}"


def _halves(argument: str) -> tuple[str, str]:
    """Return SQL of the upper and the lower half of a decimal's digits.

    Sums of these have room where DuckDB's own, of 38 digits, would raise.
    """
    digits = _digits(argument)
    return f"{digits} // {_HALF}", f"{digits} % {_HALF}"


def _from_halves(halves: Iterable[str], result: DecimalType) -> str:
    """Return SQL of the sum whose halves were summed by themselves, null if it is too large."""
    upper, lower = halves
    carried = f"({upper} + {lower} // {_HALF})"
    total = f"({carried} * {_HALF} + {lower} % {_HALF})"
    return f"CASE WHEN abs({carried}) < {_HALF} THEN {_from_digits(total, result)} END"


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


# ---- means ----


def average_type(arguments: Sequence[Expression]) -> DataType:
    """Return the type of a mean."""
    match arguments[0].data_type:
        case DecimalType() as given:
            return DecimalType(min(given.precision + 4, 38), min(given.scale + 4, 38))
        case DayTimeIntervalType():
            return DayTimeIntervalType(DayTimeIntervalType.DAY, DayTimeIntervalType.SECOND)
        case YearMonthIntervalType():
            return YearMonthIntervalType(YearMonthIntervalType.YEAR, YearMonthIntervalType.MONTH)
        case _:
            return DOUBLE


@dataclass(frozen=True)
class _Mean:
    """SQL of what a mean is made of.

    Attributes:
        total: The sum.
        count: How many values there are.
        quotient: The one by the other as a double.
    """

    total: str
    count: str
    quotient: str

    @classmethod
    def of(cls, argument: str) -> _Mean:
        """Return the mean of an aggregate's argument."""
        count, quotient = (f"{name}({{distinct}}{argument}){{filter}}" for name in ("count", "avg"))
        return cls(_total(argument), count, quotient)

    @classmethod
    def merged(cls, total: str, counts: str) -> _Mean:
        """Return the mean of all parts, by the sum of their sums."""
        count = f"nullif(sum({counts}), 0)"
        return cls(total, count, f"(CAST({total} AS DOUBLE) / {count})")

    def sql(self, result: DataType, *, strict: bool) -> str:
        """Return SQL of the mean.

        Args:
            result: Its type.
            strict: Whether a sum with too many digits raises, rather than give null.
        """
        match result:
            case DecimalType():
                return self._decimal(result, strict)
            case DayTimeIntervalType():
                return f"CAST(round({self.quotient}) AS BIGINT)"
            case YearMonthIntervalType():
                return f"CAST(round({self.quotient}) AS INTEGER)"
            case _:
                return self.quotient

    def _decimal(self, result: DecimalType, strict: bool) -> str:
        """Divide the sum by the count exactly, rounding half up.

        DuckDB divides decimals as doubles, so this divides the sum's digits as a whole number;
        they are taken from its text, which costs nothing at one value for each group.
        """
        wide = f"{'' if strict else 'TRY_'}CAST({self.total} AS DECIMAL(38,{result.scale}))"
        digits = _digits(wide)
        rounded = f"(abs({digits}) + {self.count} // 2) // nullif({self.count}, 0)"
        return _from_digits(f"sign({digits}) * {rounded}", result)


def average_sql(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to a mean, which raises if the sum is out of range."""
    return _Mean.of(arguments[0]).sql(call.data_type, strict=context.ansi)


def try_average_sql(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to a mean that is null if the sum is out of range."""
    mean, given = _Mean.of(arguments[0]), call.arguments[0].data_type
    if isinstance(given, DecimalType):
        if _is_long(given):
            halves = map(_total, _halves(arguments[0]))
            mean = replace(mean, total=_from_halves(halves, _longest(given)))
        return mean.sql(call.data_type, strict=False)
    return _in_range(mean, call)


def _in_range(mean: _Mean, call: Call) -> str:
    """Return SQL of a mean, null for intervals whose sum is none."""
    sql = mean.sql(call.data_type, strict=False)
    if not isinstance(call.data_type, (DayTimeIntervalType, YearMonthIntervalType)):
        return sql
    stored = to_duckdb(call.data_type)
    return f"CASE WHEN TRY_CAST({mean.total} AS {stored}) IS NOT NULL THEN {sql} END"


def _is_long(given: DecimalType) -> bool:
    """Whether DuckDB may have no room for a sum of such decimals."""
    return given.precision + 10 > _MOST_DIGITS


def _longest(given: DecimalType) -> DecimalType:
    return DecimalType(_MOST_DIGITS, given.scale)


# ---- parts ----


def _part_type(arguments: Sequence[Expression]) -> DataType:
    """Return a type with room for the sum of any rows that fit into one part."""
    match arguments[0].data_type:
        case LongType() | DayTimeIntervalType():
            return DecimalType(_MOST_DIGITS, 0)
        case IntegralType() | YearMonthIntervalType():
            return LONG
        case DecimalType() as given:
            return _longest(given)
        case _:
            return DOUBLE


def _part_sql(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    stored = to_duckdb(call.data_type)
    argument = f"CAST({arguments[0]} AS DOUBLE)" if call.data_type == DOUBLE else arguments[0]
    return f"CAST({_total(argument)} AS {stored})"


def _half_sql(index: int) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        return f"CAST({_total(_halves(arguments[0])[index])} AS DECIMAL(38,0))"

    return lower


(PARTIAL_COUNT,) = aggregate(
    "partial_count(exprs...: any) -> bigint", count_sql, "A part's count.", nullable=False
)
(_PARTIAL_SUM,) = aggregate(
    "partial_sum(expr: any)", _part_sql, "A part's sum, in full.", result=_part_type
)
_UPPER, _LOWER = (
    aggregate(f"{name}(expr: any) -> decimal(38,0)", _half_sql(index), "Half of a part's sum.")[0]
    for index, name in enumerate(("partial_sum_upper", "partial_sum_lower"))
)


def added(counts: str) -> str:
    """Return SQL of the sum of the counts of all parts."""
    return f"CAST(coalesce(sum({counts}), 0) AS BIGINT)"


def partial_count(call: Call) -> Partial:
    """Count in each part, and add up."""
    return Partial((buffer(PARTIAL_COUNT, *call.arguments),), merged(added("{0}")))


def partial_count_if(call: Call) -> Partial:
    """The same for what counts in another way."""
    return Partial((call,), merged(added("{0}")))


def partial_sum(call: Call) -> Partial:
    """Sum up each part, and the sums."""

    def merge(merged_call: Call, buffers: Sequence[str], context: LoweringContext) -> str:
        return sum_sql(merged_call, [_whole(call, buffers[0])], context)

    return Partial((buffer(_PARTIAL_SUM, call.arguments[0]),), merge)


def partial_try_sum(call: Call) -> Partial:
    """Sum up each part, in halves where even the part's sum could be out of range."""
    argument, result = call.arguments[0], call.data_type
    if isinstance(result, DecimalType) and result.precision == _MOST_DIGITS:
        return Partial(_half_buffers(argument), merged(_from_halves(_HALVES_MERGED, result)))

    def merge(merged_call: Call, buffers: Sequence[str], context: LoweringContext) -> str:
        return try_sum_sql(merged_call, [_whole(call, buffers[0])], context)

    return Partial((buffer(_PARTIAL_SUM, argument),), merge)


def partial_average(call: Call) -> Partial:
    """Sum up and count each part."""
    argument = call.arguments[0]
    parts = buffer(_PARTIAL_SUM, argument), buffer(PARTIAL_COUNT, argument)

    def merge(_: Call, buffers: Sequence[str], context: LoweringContext) -> str:
        mean = _Mean.merged(f"sum({_whole(call, buffers[0])})", buffers[1])
        return mean.sql(call.data_type, strict=context.ansi)

    return Partial(parts, merge)


def partial_try_average(call: Call) -> Partial:
    """The same, in halves where even the part's sum could be out of range."""
    argument = call.arguments[0]
    given, count = argument.data_type, buffer(PARTIAL_COUNT, argument)
    if isinstance(given, DecimalType) and _is_long(given):
        total = _from_halves(_HALVES_MERGED, _longest(given))
        mean = _Mean.merged(f"({total})", "{2}").sql(call.data_type, strict=False)
        return Partial((*_half_buffers(argument), count), merged(mean))

    def merge(_: Call, buffers: Sequence[str], context: LoweringContext) -> str:
        return _in_range(_Mean.merged(f"sum({_whole(call, buffers[0])})", buffers[1]), call)

    return Partial((buffer(_PARTIAL_SUM, argument), count), merge)


def _whole(call: Call, part: str) -> str:
    """Return SQL of a part's sum, of whole numbers as such: sums of decimals end at 38 digits."""
    is_whole = not isinstance(call.arguments[0].data_type, (DecimalType, FractionalType))
    return f"CAST({part} AS HUGEINT)" if is_whole else part


_HALVES_MERGED = "sum(CAST({0} AS HUGEINT))", "sum(CAST({1} AS HUGEINT))"


def _half_buffers(argument: Expression) -> tuple[Call, Call]:
    return buffer(_UPPER, argument), buffer(_LOWER, argument)
