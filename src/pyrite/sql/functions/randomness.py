"""Random values: with a seed, Spark's own sequences; without one, any."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.constants import constant_integer
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.java_random import SeededRandom, SeededUUIDs
from pyrite.sql.functions.signature import arrange, mismatch
from pyrite.sql.functions.type_coercion import common_type
from pyrite.sql.types import (
    DOUBLE,
    DecimalType,
    IntegralType,
    NullType,
    NumericType,
    to_arrow,
    to_duckdb,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS", "SEEDS"]

_numbers = itertools.count()


#: By function: which argument is the seed. What follows it is the number of the row's partition,
#: which the optimizer adds where there is more than one.
SEEDS = {"rand": 0, "random": 0, "randn": 0, "randstr": 1, "uniform": 3}


def _sequence(
    call: Call, seed: int, draw: Callable[[SeededRandom], Any], context: LoweringContext
) -> str:
    """Return SQL that gives each row the next value of its partition's sequence.

    The sequences begin with the query.
    """
    return _draws(call, lambda partition: partial(draw, SeededRandom(seed + partition)), context)


def _draws(call: Call, begin: Callable[[int], Callable[[], Any]], context: LoweringContext) -> str:
    """Return SQL that gives each row what a function draws next.

    Args:
        call: The call; a partition follows its seed, or all rows are in the first.
        begin: Returns the function of a partition.
        context: The context.
    """
    lock, target = threading.Lock(), call.data_type
    begun: dict[int, Callable[[], Any]] = {}

    def compute(rows: pa.Array) -> pa.Array:
        import pyarrow as pa

        partitions = rows.to_pylist() if numbered else [0] * len(rows)
        with lock:
            begun.update({p: begin(p) for p in set(partitions) - begun.keys()})
            return pa.array([begun[p]() for p in partitions], to_arrow(target))

    # A name of its own, since what is registered has a state. DuckDB hands it a random number
    # for each row, so that it knows their number and does not take it for a constant.
    numbered = len(call.arguments) > SEEDS.get(call.function.name, len(call.arguments)) + 1
    argument = call.arguments[-1] if numbered else Literal(0.0, DOUBLE)
    name = f"{call.function.name}_{next(_numbers)}"
    unique = Call(replace(call.function, name=name), (argument,), call.data_type, False)
    text = context.sql(argument) if numbered else "random()"
    return context.kernel(unique, compute, [text])


def _seeded(draw: Callable[[SeededRandom], Any], unseeded: str) -> Callable[..., str]:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        if not arguments:
            return unseeded
        seed = constant_integer(call.arguments[0]) or 0
        return _sequence(call, seed, draw, context)

    return lower


#: Two uniform numbers make a normal one.
_NORMAL = "(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()))"


def _random(
    name: str, draw: Callable[[SeededRandom], Any], sql: str, text: str
) -> tuple[Function, ...]:
    return scalar(
        f"{name}(seed?: int|bigint) -> double",
        _seeded(draw, sql),
        text,
        nullable=False,
        deterministic=False,
    )


def _random_text(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    length = constant_integer(call.arguments[0]) or 0
    return _sequence(call, _seed(call, 1), lambda generator: generator.text(length), context)


def _seed(call: Call, place: int) -> int:
    """Return the constant seed of a call, any number if it has none."""
    given = constant_integer(call.arguments[place]) if len(call.arguments) > place else None
    return secrets.randbits(63) if given is None else given


def _coerce_uniform(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring both bounds to one type: for a decimal and an integer, the decimal's own."""
    low, high, *seed = arrange(function, arguments)
    for place, bound in enumerate((low, high)):
        if not isinstance(bound.data_type, NumericType):
            raise mismatch(function, arguments, place, "NUMERIC")
    decimals = [b.data_type for b in (low, high) if isinstance(b.data_type, DecimalType)]
    target = common_type(low.data_type, high.data_type, ansi)
    if len(decimals) == 1 and isinstance(target, DecimalType):
        target = decimals[0]
    assert target is not None
    # The bounds are constants, and computed with doubles.
    return low, high, Literal(None, target), *seed


def _uniform(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    low, high = arguments[:2]
    unit = replace(call, data_type=DOUBLE, nullable=False)
    drawn = _sequence(unit, _seed(call, 3), SeededRandom.uniform, context)
    value = f"(CAST({low} AS DOUBLE) + {drawn} * (CAST({high} AS DOUBLE) - CAST({low} AS DOUBLE)))"
    if isinstance(call.data_type, IntegralType):
        value = f"trunc({value})"
    return f"CAST({value} AS {to_duckdb(call.data_type)})"


def _uuid(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    seed = constant_integer(call.arguments[0]) if arguments else None
    if seed is None:
        return "CAST(gen_random_uuid() AS VARCHAR)"
    return _draws(call, lambda _: SeededUUIDs(seed).draw, context)


def _coerce_uuid(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Take a constant whole number as the seed, or null for none."""
    given = arrange(function, arguments)
    if (
        given
        and not isinstance(given[0].data_type, NullType)
        and constant_integer(given[0]) is None
    ):
        raise analysis_error(
            "INVALID_PARAMETER_VALUE.LONG",
            functionName="`UUID`",
            parameter="`seed`",
            invalidValue=f'"{pretty(given[0])}"',
        )
    return given


FUNCTIONS = (
    scalar(
        "uuid(seed?: any) -> string",
        _uuid,
        "A random identifier.",
        coerce=_coerce_uuid,
        nullable=False,
        deterministic=False,
        pretty=lambda _: "uuid()",
    ),
    scalar(
        "uniform(min: numeric, max: numeric, seed?: int|bigint) -> any",
        _uniform,
        "A random number between two others.",
        coerce=_coerce_uniform,
        result=lambda arguments: arguments[2].data_type,
        nullable=False,
        deterministic=False,
        pretty=lambda texts: f"uniform({', '.join([*texts[:2], *texts[3:]])})",
    ),
    scalar(
        "randstr(length: int, seed?: int|bigint) -> string",
        _random_text,
        "Random letters and digits.",
        nullable=False,
        deterministic=False,
    ),
    _random("rand", SeededRandom.uniform, "random()", "A random number from 0 to 1."),
    _random("random", SeededRandom.uniform, "random()", "A random number from 0 to 1."),
    _random("randn", SeededRandom.gaussian, _NORMAL, "A normally distributed random number."),
)
