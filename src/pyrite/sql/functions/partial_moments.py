"""Statistics in parts: counts, means and sums of squares around them, merged pair by pair.

A part's summary is a struct. Two summaries are merged by how far apart their means are (Chan,
Golub and LeVeque, 1979), which keeps digits that sums of squares would lose; those of all parts
by doing so from the first to the last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import LoweringContext, Partial
from pyrite.sql.functions.define import aggregate
from pyrite.sql.functions.partials import buffer, merged
from pyrite.sql.types import BOOLEAN, DOUBLE, DataType, StructField, StructType, to_duckdb

__all__ = ["partial_moment", "partial_pair"]

_NAN = "CAST('NaN' AS DOUBLE)"


@dataclass(frozen=True)
class _Field:
    """A number in a summary.

    Attributes:
        part: SQL of its value in a part, with ``{x}``, ``{y}`` for the aggregate's arguments.
        merge: SQL of its value in both of two summaries ``a`` and ``b``.
        data_type: Its type.
    """

    part: str
    merge: str
    data_type: DataType = DOUBLE


class _Summary:
    """A struct of numbers about the rows of a part.

    Args:
        signature: Of the function that makes it.
        fields: Its numbers.
    """

    def __init__(self, signature: str, fields: Mapping[str, _Field]) -> None:
        self._fields = fields
        self._type = StructType([StructField(n, f.data_type) for n, f in fields.items()])
        (self._function,) = aggregate(
            signature,
            self._part,
            "A part's summary.",
            nullable=False,
            result=lambda _: self._type,
        )
        steps = ", ".join(f"{name} := {field.merge}" for name, field in fields.items())
        self._merged = f"list_reduce(list({{0}}), lambda a, b: struct_pack({steps}))"

    def _part(self, call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        items = ", ".join(f"{name} := {field.part}" for name, field in self._fields.items())
        for name, argument in zip(("y", "x")[-len(arguments) :], arguments, strict=True):
            items = items.replace(f"{{{name}}}", argument)
        return f"CAST(struct_pack({items}) AS {to_duckdb(self._type)})"

    def partial(self, sql: str) -> Callable[[Call], Partial]:
        """Return the partial form of a statistic: SQL of a summary ``m`` of all rows."""
        merge = merged(f"list_transform([{self._merged}], lambda m: {sql})[1]")
        return lambda call: Partial((buffer(self._function, *call.arguments),), merge)


def _moved(first: str, second: str) -> str:
    """Return SQL of what the distance of two means adds to a sum of products around them."""
    between = " * ".join(f"(b.{mean} - a.{mean})" for mean in (first, second))
    return f"{between} * (a.n * b.n / greatest(a.n + b.n, 1))"


def _mean(value: str, clause: str, name: str) -> _Field:
    """Return the field of a mean; that of equal values is that value, to the last digit."""
    least, most, mean = (f"{f}({value}){clause}" for f in ("min", "max", "avg"))
    return _Field(
        f"coalesce(CASE WHEN {least} = {most} THEN {least} ELSE {mean} END, 0)",
        f"a.{name} + (b.{name} - a.{name}) * (b.n / greatest(a.n + b.n, 1))",
    )


def _added(part: str, name: str, moved: str = "") -> _Field:
    more = f" + {moved}" if moved else ""
    return _Field(f"coalesce({part}, 0)", f"a.{name} + b.{name}{more}")


def _found(condition: str, clause: str, name: str) -> _Field:
    part = f"coalesce(bool_or({condition}){clause}, FALSE)"
    return _Field(part, f"(a.{name} OR b.{name})", BOOLEAN)


# ---- one argument ----

_FINITE = " FILTER (WHERE isfinite({x}){and_filter}){over}"
_COUNT = f"count({{x}}){_FINITE}"

_MOMENTS = _Summary(
    "partial_moments(x: double)",
    {
        "n": _added(_COUNT, "n"),
        "mean": _mean("{x}", _FINITE, "mean"),
        "m2": _added(f"var_pop({{x}}){_FINITE} * {_COUNT}", "m2", _moved("mean", "mean")),
        "infinite": _found("NOT isfinite({x})", "{filter}", "infinite"),
    },
)

#: By the function's name: SQL of the statistic, where there is a value and all are finite.
_OF_MOMENTS = {
    "var_pop": "m.m2 / m.n",
    "var_samp": "CASE WHEN m.n > 1 THEN m.m2 / (m.n - 1) END",
    "stddev_pop": "sqrt(m.m2 / m.n)",
    "stddev_samp": "CASE WHEN m.n > 1 THEN sqrt(m.m2 / (m.n - 1)) END",
}
_OF_MOMENTS |= {"variance": _OF_MOMENTS["var_samp"], "stddev": _OF_MOMENTS["stddev_samp"]}


def partial_moment(name: str) -> Callable[[Call], Partial] | None:
    """Return the partial form of a statistic of one argument, None if it has none."""
    if name not in _OF_MOMENTS:
        return None
    return _MOMENTS.partial(
        f"CASE WHEN m.infinite THEN {_NAN} WHEN m.n > 0 THEN {_OF_MOMENTS[name]} END"
    )


# ---- two arguments ----

_PRESENT = "{y} IS NOT NULL AND {x} IS NOT NULL"
_PAIRS = f" FILTER (WHERE {_PRESENT}{{and_filter}}){{over}}"
_FINITE_PAIRS = " FILTER (WHERE isfinite({y}) AND isfinite({x}){and_filter}){over}"


def _side(value: str) -> dict[str, _Field]:
    """Return the fields about one argument in pairs whose values are both there."""
    sql = f"{{{value}}}"
    finite = f" FILTER (WHERE {_PRESENT} AND isfinite({sql}){{and_filter}}){{over}}"
    squares = f"var_pop({sql}){finite} * count({sql}){finite}"
    mean, both = f"mean_{value}", f"s{value}{value}"
    return {
        mean: _mean(sql, finite, mean),
        both: _added(squares, both, _moved(mean, mean)),
        f"sum_{value}": _added(f"sum({sql}){_PAIRS}", f"sum_{value}"),
        f"infinite_{value}": _found(f"NOT isfinite({sql})", _PAIRS, f"infinite_{value}"),
        **{
            f"{word}_{value}": _Field(
                f"{name}({sql}){_PAIRS}", f"{word}(a.{word}_{value}, b.{word}_{value})"
            )
            for name, word in (("min", "least"), ("max", "greatest"))
        },
    }


_PRODUCTS = f"covar_pop({{y}}, {{x}}){_FINITE_PAIRS} * count({{y}}){_FINITE_PAIRS}"

_TWO = _Summary(
    "partial_pairs(y: double, x: double)",
    {
        "n": _added(f"count({{y}}){_PAIRS}", "n"),
        **_side("x"),
        **_side("y"),
        "sxy": _added(_PRODUCTS, "sxy", _moved("mean_x", "mean_y")),
    },
)


def _constant(value: str) -> str:
    return f"isfinite(m.greatest_{value}) AND m.least_{value} = m.greatest_{value}"


_NOT_FINITE = f"WHEN m.infinite_x OR m.infinite_y THEN {_NAN}"
_X_NOT_FINITE, _Y_NOT_FINITE = (f"WHEN m.infinite_{value} THEN {_NAN}" for value in "xy")
_CONSTANT_X = f"WHEN {_constant('x')} THEN NULL"
_SLOPE = "m.sxy / nullif(m.sxx, 0)"

#: By the function's name: the cases of a summary with pairs.
_OF_PAIRS = {
    "corr": f"WHEN m.n < 2 THEN NULL {_NOT_FINITE} WHEN {_constant('x')} THEN NULL "
    f"WHEN {_constant('y')} THEN NULL ELSE m.sxy / nullif(sqrt(m.sxx * m.syy), 0)",
    "covar_samp": f"WHEN m.n < 2 THEN NULL {_NOT_FINITE} ELSE m.sxy / (m.n - 1)",
    "covar_pop": f"{_NOT_FINITE} ELSE m.sxy / m.n",
    "regr_avgx": "ELSE m.sum_x / m.n",
    "regr_avgy": "ELSE m.sum_y / m.n",
    "regr_sxx": f"{_X_NOT_FINITE} ELSE m.sxx",
    "regr_syy": f"{_Y_NOT_FINITE} ELSE m.syy",
    "regr_sxy": f"{_NOT_FINITE} ELSE m.sxy",
    "regr_slope": f"{_CONSTANT_X} {_NOT_FINITE} ELSE {_SLOPE}",
    "regr_intercept": f"{_CONSTANT_X} {_NOT_FINITE} ELSE m.mean_y - {_SLOPE} * m.mean_x",
    "regr_r2": f"{_CONSTANT_X} WHEN {_constant('y')} THEN 1 {_NOT_FINITE} "
    "WHEN m.sxx = 0 THEN NULL WHEN m.syy = 0 THEN 1 ELSE m.sxy * m.sxy / (m.sxx * m.syy)",
}


def partial_pair(name: str) -> Callable[[Call], Partial]:
    """Return the partial form of a statistic of two arguments."""
    return _TWO.partial(f"CASE WHEN m.n > 0 THEN CASE WHEN FALSE THEN 0 {_OF_PAIRS[name]} END END")
