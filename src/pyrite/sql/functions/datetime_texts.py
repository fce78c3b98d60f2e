"""Dates and times to text and back, by patterns.

Plain patterns run inside DuckDB; what DuckDB cannot read or write exactly as Spark does goes
through ``datetime_patterns``, each different value once.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.expressions.expression import Call, Cast, CastMode, Expression
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.datetime_columns import reading, written
from pyrite.sql.functions.datetime_patterns import (
    DateTimePattern,
    UnparsableText,
    compile_pattern,
)
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import carried
from pyrite.sql.functions.signature import arrange, coerce
from pyrite.sql.functions.simple_date_format import (
    COMPILERS,
    SimpleDateFormat,
    compile_simple_pattern,
)
from pyrite.sql.functions.timestamps import instant
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.time_zones import offset_text, parse_zone
from pyrite.sql.types import (
    DATE,
    LONG,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    DataType,
    DateType,
    StringType,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS"]

_DEFAULT_PATTERN = "yyyy-MM-dd HH:mm:ss"
_MICROS_PER_DAY = 86_400_000_000

#: From the wall clock's time in DuckDB to a result, by its Spark type.
_FROM_LOCAL: dict[DataType, Callable[[str, LoweringContext], str]] = {
    TIMESTAMP: instant,
    TIMESTAMP_NTZ: lambda local, context: local,
    DATE: lambda local, context: f"CAST({local} AS DATE)",
    LONG: lambda local, context: f"epoch_us({instant(local, context)}) // 1000000",
}


#: SQL of a result, by its Spark type, from the microseconds {} since 1970 in UTC.
_FROM_MICROS: dict[DataType, str] = {
    TIMESTAMP: "make_timestamptz({})",
    DATE: "CAST(make_timestamptz({}) AS DATE)",
    LONG: "({} // 1000000)",
}


def _compiled(pattern: str, policy: str, result: DataType) -> DateTimePattern | SimpleDateFormat:
    """Compile a pattern; the type without a time zone is younger than the old patterns."""
    return compile_pattern(pattern) if result == TIMESTAMP_NTZ else COMPILERS[policy](pattern)


def _zone(context: LoweringContext) -> datetime.tzinfo:
    return parse_zone(context.time_zone) or datetime.UTC


def _value_of(
    text: str,
    compiled: DateTimePattern | SimpleDateFormat,
    result: DataType,
    zone: datetime.tzinfo,
) -> int:
    """Read one text as the number that stands for a value of the result type."""
    if result == TIMESTAMP_NTZ:
        return compiled.parse_local_micros(text)
    if result == DATE:
        return compiled.parse_local_micros(text, zone) // _MICROS_PER_DAY
    micros = compiled.parse_micros(text, zone)
    if result != LONG:
        return micros
    return micros // 1_000_000 if micros >= 0 else -(-micros // 1_000_000)  # towards zero


def _by_pairs(
    values: pa.Array, patterns: pa.Array, compute: Callable[[Any, str], Any], data_type: pa.DataType
) -> pa.Array:
    """Compute each different pair of a value and a pattern once; null in, null out."""
    import pyarrow as pa

    done: dict[tuple[Any, str], Any] = {}
    results: list[Any] = []
    for pair in zip(values.to_pylist(), patterns.to_pylist(), strict=True):
        if pair[0] is None or pair[1] is None:
            results.append(None)
            continue
        if pair not in done:
            done[pair] = compute(*pair)
        results.append(done[pair])
    return pa.array(results, data_type)


def _parse_arrays(
    texts: pa.Array,
    patterns: pa.Array,
    *,
    result: DataType,
    zone: datetime.tzinfo,
    policy: str,
    remedy: str,
) -> pa.Array:
    import pyarrow as pa

    def read(text: str, pattern: str) -> int | None:
        try:
            return _value_of(text, _compiled(pattern, policy, result), result, zone)
        except (UnparsableText, OverflowError, ValueError) as error:
            if policy == "EXCEPTION" and _was_readable(text, pattern, zone):
                raise carried(_new_parser_error(text)) from None
            if not remedy:
                return None
            raise carried(
                runtime_error("CANNOT_PARSE_TIMESTAMP", message=str(error), func=f"`{remedy}`")
            ) from None

    number = pa.int32() if result == DATE else pa.int64()
    return _by_pairs(texts, patterns, read, number).cast(to_arrow(result))


def _was_readable(text: str, pattern: str, zone: datetime.tzinfo) -> bool:
    """Return whether Spark 2 would have read a text."""
    try:
        compile_simple_pattern(pattern).parse_micros(text, zone)
    except (UnparsableText, SparkError):
        return False
    return True


def _new_parser_error(text: str) -> SparkError:
    return runtime_error(
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER",
        datetime=f"'{text}'",
        config='"spark.sql.legacy.timeParserPolicy"',
    )


def _parsing(remedy: str) -> Lowering:
    """Lower a function that reads its first argument by its second, a pattern.

    Args:
        remedy: The function that forgives, named in errors; empty if this one does.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        result = call.data_type
        from_local = _FROM_LOCAL[result]
        if not isinstance(call.arguments[0].data_type, StringType):
            if result == LONG and not isinstance(call.arguments[0].data_type, DateType):
                return f"(epoch_us({arguments[0]}) // 1000000)"  # without a zone, as if in UTC
            if len(call.arguments) == 1 and call.arguments[0].data_type == result:
                return arguments[0]
            return from_local(f"CAST({arguments[0]} AS TIMESTAMP)", context)
        pattern = constant_text(call.arguments[1])
        compute = partial(
            _parse_arrays,
            result=result,
            zone=_zone(context),
            policy=context.time_parser_policy,
            remedy=remedy if context.ansi else "",
        )
        slow = context.kernel(call, compute, arguments)
        if pattern is None:
            return slow
        policy = context.time_parser_policy
        compiled = _compiled(pattern, policy, result)
        compiled.check_parsing()
        text, plain = arguments[0], compiled.strptime()
        columnar = reading(compiled.fields) if isinstance(compiled, DateTimePattern) else None
        if columnar is not None and policy != "EXCEPTION" and not (remedy and context.ansi):
            # Without errors to tell, a text that cannot fit needs no second look.
            slow = f"CASE WHEN {columnar.may_fit(text)} THEN {slow} END"
        if plain is not None:
            shape, form = map(quote, plain)
            local = (
                f"CASE WHEN regexp_full_match({text}, {shape}) "
                f"THEN try_strptime({text}, {form}) END"
            )
        elif columnar is None:
            return slow
        elif columnar.has_zone and result != TIMESTAMP_NTZ:
            micros = f"epoch_us({columnar.local(text, named=True)})"
            ways = [_FROM_MICROS[result].format(micros), slow]
            if columnar.zone_is_optional:
                ways.insert(1, from_local(columnar.local(text, named=False), context))
            return f"coalesce({', '.join(ways)})"
        else:
            local = columnar.local(text)
        return f"coalesce({from_local(local, context)}, {slow})"

    return lower


def _format_arrays(
    instants: pa.Array, patterns: pa.Array, *, zone: datetime.tzinfo, policy: str, unit: int
) -> pa.Array:
    """Write instants, given in units of some microseconds."""
    import pyarrow as pa

    def write(value: int, pattern: str) -> str:
        return COMPILERS[policy](pattern).format(value * unit, zone)

    return _by_pairs(instants.cast(pa.int64()), patterns, write, pa.string())


#: Clocks are changed at whole quarters of hours.
_QUARTER = 900_000_000


def _zone_names(instants: pa.Array, *, zone: datetime.tzinfo, unit: int) -> pa.Array:
    """Return the zone's name at instants, asked once for each different quarter of an hour."""
    import numpy as np
    import pyarrow as pa

    known = instants.cast(pa.int64()).fill_null(0).to_numpy() * unit // _QUARTER
    quarters, place = np.unique(known, return_inverse=True)
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    quarter = datetime.timedelta(microseconds=_QUARTER)
    names = [
        offset_text((start + int(number) * quarter).astimezone(zone), "z") for number in quarters
    ]
    return pa.array(names, pa.string()).take(pa.array(place))


def _formatting(instant: str, unit: int) -> Lowering:
    """Lower a function that writes its first argument by its second, a pattern.

    Args:
        instant: DuckDB SQL from the argument to an instant.
        unit: Microseconds in one unit of the argument.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        pattern = constant_text(call.arguments[1])
        policy = context.time_parser_policy
        compiled = None if pattern is None else COMPILERS[policy](pattern)
        formats = None if compiled is None else compiled.strftime()
        if formats == [""]:
            return f"CASE WHEN {arguments[0]} IS NOT NULL THEN '' END"
        time = instant.format(arguments[0])
        local = f"CAST({time} AS TIMESTAMP)"
        if formats is not None:
            texts = (f"strftime({local}, {quote(form)})" if form else "''" for form in formats)
            offset = f"left(spark_offset_text({time}), 6)"  # without seconds
            return f"({f' || {offset} || '.join(texts)})"
        zone = _zone(context)
        if isinstance(compiled, DateTimePattern):

            def zone_name() -> str:
                names = partial(_zone_names, zone=zone, unit=unit)
                shown = replace(call, arguments=call.arguments[:1])
                return context.kernel(shown, names, arguments[:1])

            return written(compiled.fields, local, time, zone, zone_name)
        compute = partial(_format_arrays, zone=zone, policy=policy, unit=unit)
        return context.kernel(call, compute, arguments)

    return lower


def _coerce_reading(target: DataType, forgiving: bool = False) -> Any:
    """Make a coercion: without a pattern the call is a cast, with one it reads a string."""

    def convert(
        function: Function, arguments: Sequence[Expression], ansi: bool
    ) -> tuple[Expression, ...]:
        given = arrange(function, arguments)
        if len(given) > 1:
            return coerce(function, given, ansi)
        if forgiving and given[0].data_type != target:
            return (Cast(given[0], target, CastMode.TRY, implicit=True),)
        return (cast_to(given[0], target, ansi),)

    return convert


def _reading(
    name: str, target: DataType, description: str, remedy: str, *aliases: str
) -> tuple[Function, ...]:
    return scalar(
        f"{name}(expr: string|date|timestamp|timestamp_ntz, fmt?: string)",
        _parsing(remedy),
        description,
        coerce=_coerce_reading(target, forgiving=not remedy),
        result=lambda arguments: target,
        nullable=True,
        aliases=aliases,
    )


def _unix_timestamp(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if not arguments:
        return "epoch_us(now()) // 1000000"
    return _parsing("try_to_timestamp")(call, arguments, context)


FUNCTIONS = (
    scalar(
        "date_format(timestamp: timestamp, fmt: string) -> string",
        _formatting("{0}", 1),
        "A time as text, by a pattern.",
    ),
    scalar(
        f"from_unixtime(unix_time: bigint, fmt: string = '{_DEFAULT_PATTERN}') -> string",
        _formatting("make_timestamptz({0} * 1000000)", 1_000_000),
        "The time some seconds after 1970 began, as text.",
        nullable=True,
    ),
    _reading("to_date", DATE, "A text as a date.", "try_to_date"),
    _reading("try_to_date", DATE, "A text as a date, null if it is none.", ""),
    _reading("to_timestamp", TIMESTAMP, "A text as a time.", "try_to_timestamp"),
    _reading("to_timestamp_ltz", TIMESTAMP, "A text as a time.", "try_to_timestamp"),
    _reading("to_timestamp_ntz", TIMESTAMP_NTZ, "As a time without zone.", "try_to_timestamp"),
    _reading("try_to_timestamp", TIMESTAMP, "A text as a time, null if it is none.", ""),
    scalar(
        "to_unix_timestamp(timeExp: string|date|timestamp|timestamp_ntz,"
        f" fmt: string = '{_DEFAULT_PATTERN}') -> bigint",
        _parsing("try_to_timestamp"),
        "A time as seconds since 1970.",
        nullable=True,
    ),
    scalar(
        "unix_timestamp(timeExp?: string|date|timestamp|timestamp_ntz,"
        f" fmt: string = '{_DEFAULT_PATTERN}') -> bigint",
        _unix_timestamp,
        "A time, or now, as seconds since 1970.",
        nullable=lambda arguments: bool(arguments),
    ),
)
