"""Aggregates of summaries: histograms, bitmaps, and counts of different values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Cast, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext, Partial
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.constants import constant_value
from pyrite.sql.functions.define import aggregate, scalar
from pyrite.sql.functions.kernels.count_min import count_min_sketch
from pyrite.sql.functions.kernels.distinct_counts import (
    estimates,
    places_and_runs,
    precision_of,
)
from pyrite.sql.functions.kernels.hash_columns import ROW_HASHES
from pyrite.sql.functions.kernels.mapping import map_distinct
from pyrite.sql.functions.kernels.numeric_histogram import numeric_histogram
from pyrite.sql.functions.partials import buffer, by_itself
from pyrite.sql.functions.signature import coerce
from pyrite.sql.types import (
    BINARY,
    DOUBLE,
    INTEGER,
    LONG,
    ArrayType,
    DataType,
    DateType,
    IntegralType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS"]


def _collected(
    call: Call,
    context: LoweringContext,
    values: str,
    element: DataType,
    compute: Callable[..., pa.Array],
    settings: Sequence[str] = (),
) -> str:
    """Return SQL of a function over the list of an aggregate's values that are not null.

    Args:
        call: The aggregate; what follows its first argument is passed on.
        context: Where the function is registered.
        values: SQL of the values.
        element: Their type.
        compute: The function, over lists.
        settings: SQL of the other arguments.
    """
    collected = Literal(None, ArrayType(element))
    over_list = replace(call, arguments=(collected, *call.arguments[1:]))
    listed = f"list({{distinct}}{values}) FILTER (WHERE {values} IS NOT NULL{{and_filter}}){{over}}"
    return context.kernel(over_list, compute, [listed, *settings])


# ---- histograms ----


def _as_number(argument: Expression, sql: str) -> str:
    match argument.data_type:
        case TimestampType() | TimestampNTZType():
            return f"CAST(epoch_us({sql}) AS DOUBLE)"
        case DateType():
            return f"CAST({sql} - DATE '1970-01-01' AS DOUBLE)"
        case _:
            return f"CAST({sql} AS DOUBLE)"


#: The largest whole number; doubles near it are beyond.
_MOST = 2**63 - 1


def _histograms(lists: pa.Array, bins: pa.Array, *, centre: DataType) -> pa.Array:
    import pyarrow as pa

    arrow = to_arrow(centre)
    stored = pa.int64() if pa.types.is_duration(arrow) else arrow

    def back(x: float) -> Any:
        if pa.types.is_floating(stored):
            return x
        if pa.types.is_decimal(stored):
            return Decimal(repr(x)).quantize(Decimal(1).scaleb(-stored.scale), ROUND_HALF_UP)
        return min(int(x), _MOST)

    def one(values: list[float] | None, most: int) -> list[dict[str, Any]] | None:
        if values is None:
            return None
        pairs = numeric_histogram(values, most)
        return [{"x": back(x), "y": y} for x, y in pairs]

    kind = pa.list_(pa.struct([("x", stored), ("y", pa.float64())]))
    rows = zip(lists.to_pylist(), bins.to_pylist(), strict=True)
    return pa.array([one(values, most) for values, most in rows], kind)


def _histogram_type(arguments: Sequence[Expression]) -> DataType:
    bin_ = StructType(
        [StructField("x", arguments[0].data_type, True), StructField("y", DOUBLE, True)]
    )
    return ArrayType(bin_, True)


def _histogram(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    value = call.arguments[0]
    compute = partial(_histograms, centre=value.data_type)
    number = _as_number(value, arguments[0])
    return _collected(call, context, number, DOUBLE, compute, arguments[1:])


# ---- bitmaps ----

_BITS = 32768
_BYTES = _BITS // 8


def _from_positions(lists: pa.Array) -> pa.Array:
    import pyarrow as pa

    def one(positions: list[int] | None) -> bytes:
        bits = 0
        for position in positions or ():
            bits |= 1 << position
        return bits.to_bytes(_BYTES, "little")

    return pa.array([one(positions) for positions in lists.to_pylist()], pa.binary())


def _combined(lists: pa.Array, *, conjunction: bool) -> pa.Array:
    import pyarrow as pa

    start = (1 << _BITS) - 1 if conjunction else 0

    def one(bitmaps: list[bytes] | None) -> bytes:
        bits = start
        for bitmap in bitmaps or ():
            number = int.from_bytes(bitmap, "little")
            bits = bits & number if conjunction else bits | number
        return bits.to_bytes(_BYTES, "little")

    return pa.array([one(bitmaps) for bitmaps in lists.to_pylist()], pa.binary())


def _counted(bitmaps: pa.Array) -> pa.Array:
    import pyarrow as pa

    return map_distinct(bitmaps, lambda b: int.from_bytes(b, "little").bit_count(), pa.int64())


def _bitmap_aggregate(element: DataType, compute: Callable[[pa.Array], pa.Array]) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        return _collected(call, context, arguments[0], element, compute)

    return lower


_UNION = _bitmap_aggregate(BINARY, partial(_combined, conjunction=False))


def _partial_bitmap(call: Call) -> Partial:
    return Partial((call,), _UNION)


# ---- counts of values ----


def _sketched(
    lists: pa.Array, epsilons: pa.Array, confidences: pa.Array, seeds: pa.Array
) -> pa.Array:
    import pyarrow as pa

    nothing = pa.array([], lists.type.value_type)
    settings = zip(epsilons.to_pylist(), confidences.to_pylist(), seeds.to_pylist(), strict=True)
    found = [
        count_min_sketch(one.values if one.is_valid else nothing, *setting)
        for one, setting in zip(lists, settings, strict=True)
    ]
    return pa.array(found, pa.binary())


def _count_min(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    element = call.arguments[0].data_type
    value = arguments[0]
    if isinstance(element, IntegralType):
        element, value = LONG, f"CAST({value} AS BIGINT)"
    return _collected(call, context, value, element, _sketched, arguments[1:])


def _coerce_count_min(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = coerce(function, arguments, ansi)
    text = pretty(Call(function, given, BINARY, False))
    for argument, name in zip(given[1:], ("eps", "confidence", "seed"), strict=True):
        while isinstance(argument, Cast):
            argument = argument.child
        if isinstance(argument, Literal) and argument.value is None:
            raise analysis_error(
                "DATATYPE_MISMATCH.UNEXPECTED_NULL", sqlExpr=f'"{text}"', exprName=name
            )
    limits = (("eps", "(0.0, 1.7976931348623157E308]"), ("confidence", "(0.0, 1.0]"))
    for argument, (name, limit) in zip(given[1:3], limits, strict=True):
        value = constant_value(argument)
        if isinstance(value, float) and not (value > 0 and (name == "eps" or value < 1)):
            raise analysis_error(
                "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
                sqlExpr=f'"{text}"',
                exprName=name,
                valueRange=limit,
                currentValue=f"{value}D",
            )
    return given


# ---- counting different values ----

#: Spark refuses to be less exact.
_LARGEST_DEVIATION = 0.39


def _coerce_approximate(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = coerce(function, arguments, ansi)
    deviation = constant_value(given[1])
    if not isinstance(deviation, (int, float, Decimal)) or not 0 < deviation <= _LARGEST_DEVIATION:
        raise analysis_error(
            "INVALID_PARAMETER_VALUE.RELATIVE_SD",
            functionName=f"`{function.name}`",
            parameter="`relativeSD`",
            invalidValue=pretty(given[1]),
        )
    return given


def _approximate_count(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Count by the different places and runs of the values' hashes, which are few."""
    return _estimated(call, _different_codes(call, arguments, context), context)


def _different_codes(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Return SQL of the list of them."""
    precision = _precision(call)
    value = call.arguments[0]

    def sketched(values: pa.Array, _: pa.Array) -> pa.Array:
        hashes = ROW_HASHES["xxhash64"]([values], [value.data_type])
        return places_and_runs(hashes, precision)

    codes = context.kernel(replace(call, data_type=INTEGER), sketched, arguments)
    return f"list(DISTINCT {codes}) FILTER ({arguments[0]} IS NOT NULL{{and_filter}}){{over}}"


def _estimated(call: Call, codes: str, context: LoweringContext) -> str:
    """Return SQL of how many values a list of different places and runs stands for."""
    precision = _precision(call)

    def estimated(lists: pa.Array, _: pa.Array) -> pa.Array:
        return estimates(lists, precision)

    deviation = call.arguments[1]
    listed = replace(call, arguments=(Literal(None, ArrayType(INTEGER)), deviation))
    return context.kernel(listed, estimated, [codes, context.sql(deviation)])


def _precision(call: Call) -> int:
    return precision_of(float(constant_value(call.arguments[1])))


(_PARTIAL_CODES,) = aggregate(
    "partial_approx_count_distinct(expr: any, relativeSD: double)",
    _different_codes,
    "What a part knows of the values' hashes.",
    result=lambda _: ArrayType(INTEGER),
)


def _partial_approximate(call: Call) -> Partial:
    def merge(_: Call, buffers: Sequence[str], context: LoweringContext) -> str:
        lists = f"list({buffers[0]}) FILTER (WHERE {buffers[0]} IS NOT NULL)"
        return _estimated(call, f"list_distinct(flatten({lists}))", context)

    return Partial((buffer(_PARTIAL_CODES, *call.arguments),), merge)


FUNCTIONS = (
    aggregate(
        "approx_count_distinct(expr: any, relativeSD: double = 0.05) -> bigint",
        _approximate_count,
        "About how many different values there are (HyperLogLog++).",
        coerce=_coerce_approximate,
        nullable=False,
        partial=_partial_approximate,
        pretty=lambda texts: f"approx_count_distinct({texts[0]})",
    ),
    aggregate(
        "histogram_numeric(expr: numeric|datetime|dt_interval|ym_interval, nBins: int)",
        _histogram,
        "A histogram of at most some bins.",
        result=_histogram_type,
    ),
    scalar(
        "bitmap_bit_position(child: bigint) -> bigint",
        f"CASE WHEN {{child}} > 0 THEN ({{child}} - 1) % {_BITS} ELSE (-{{child}}) % {_BITS} END",
        "The bit of a number in its bucket's bitmap.",
    ),
    scalar(
        "bitmap_bucket_number(child: bigint) -> bigint",
        f"CASE WHEN {{child}} > 0 THEN 1 + ({{child}} - 1) // {_BITS} "
        f"ELSE {{child}} // {_BITS} END",
        "The bucket of a number.",
    ),
    scalar(
        "bitmap_count(child: binary) -> bigint",
        lambda call, arguments, context: context.kernel(call, _counted, arguments[:1]),
        "How many bits of a bitmap are set.",
    ),
    aggregate(
        "count_min_sketch(column: integral|string|binary, epsilon: double, confidence: double, "
        "seed: bigint) -> binary",
        _count_min,
        "A sketch of how often values occur, in Spark's binary form.",
        coerce=_coerce_count_min,
        nullable=False,
    ),
    aggregate(
        "bitmap_construct_agg(child: bigint) -> binary",
        _bitmap_aggregate(LONG, _from_positions),
        "A bitmap of bits.",
        nullable=False,
        partial=_partial_bitmap,
    ),
    aggregate(
        "bitmap_or_agg(child: binary) -> binary",
        _UNION,
        "The bits of all bitmaps.",
        nullable=False,
        partial=by_itself,
    ),
    aggregate(
        "bitmap_and_agg(child: binary) -> binary",
        _bitmap_aggregate(BINARY, partial(_combined, conjunction=True)),
        "The bits that all bitmaps have.",
        nullable=False,
        partial=by_itself,
    ),
)
