"""Statistics in parts: counts, means and sums of squares around them, merged pair by pair.

A part's summary is a struct. Two summaries are merged by how far apart their means are (Chan,
Golub and LeVeque, 1979), which keeps digits that sums of squares would lose; those of all parts
by doing so from the first to the last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import Function, LoweringContext, Partial
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
        fields: Its numbers, by name.
    """

    def __init__(self, signature: str, fields: Mapping[str, _Field]) -> None:
        self.fields = fields
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
        items = ", ".join(f"{name} := {field.part}" for name, field in self.fields.items())
        given = dict(zip("yx"[-len(arguments) :], arguments, strict=True))
        items = re.sub(r"\{([yx])\}", lambda place: given[place[1]], items)
        return f"CAST(struct_pack({items}) AS {to_duckdb(self._type)})"

    def partial(self, sql: str) -> Callable[[Call], Partial]:
        """Return the partial form of a statistic: SQL of a summary ``m`` of all rows."""
        merge = merged(f"list_transform([{self._merged}], lambda m: {sql})[1]")
        return lambda call: Partial((buffer(self._function, *call.arguments),), merge)


def _moved(first: str, second: str) -> str:
    """Return SQL of what the distance of two means adds to a sum of products around them."""
    between = " * ".join(f"(b.{mean} - a.{mean})" for mean in (first, second))
    return f"{between} * (a.n * b.n / greatest(a.n + b.n, 1))"


def _mean(value: str, name: str) -> _Field:
    """Return the field of a mean; that of equal values is that value, to the last digit."""
    least, most, mean = (f"{f}({value}){{filter}}" for f in ("min", "max", "avg"))
    return _Field(
        f"coalesce(CASE WHEN {least} = {most} THEN {least} ELSE {mean} END, 0)",
        f"a.{name} + (b.{name} - a.{name}) * (b.n / greatest(a.n + b.n, 1))",
    )


def _added(part: str, name: str, moved: str = "") -> _Field:
    more = f" + {moved}" if moved else ""
    return _Field(f"coalesce({part}, 0)", f"a.{name} + b.{name}{more}")


def _any(condition: str, name: str) -> _Field:
    return _Field(condition, f"(a.{name} OR b.{name})", BOOLEAN)


def _ends(name: str, value: str) -> dict[str, _Field]:
    """Return the fields of the least and the greatest value."""
    return {
        f"{word}_{name}": _Field(
            f"{function}({value}){{filter}}", f"{word}(a.{word}_{name}, b.{word}_{name})"
        )
        for function, word in (("min", "least"), ("max", "greatest"))
    }


# ---- one argument ----

_FINITE = "CASE WHEN isfinite({x}) THEN {x} END"
_COUNT = f"count({_FINITE}){{filter}}"

_MOMENTS = _Summary(
    "partial_moments(x: double)",
    {
        "n": _added(_COUNT, "n"),
        "mean": _mean(_FINITE, "mean"),
        "m2": _added(f"var_pop({_FINITE}){{filter}} * {_COUNT}", "m2", _moved("mean", "mean")),
        "infinite": _any(f"count({{x}}){{filter}} <> {_COUNT}", "infinite"),
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


#: Powers are summed up, and not merged, as DuckDB has them for these two as well.
_POWERS = _Summary(
    "partial_powers(x: double)",
    {
        "n": _added(_COUNT, "n"),
        **{f"s{k}": _added(f"sum(pow({_FINITE}, {k})){{filter}}", f"s{k}") for k in range(1, 5)},
        **_ends("x", _FINITE),
        "infinite": _MOMENTS.fields["infinite"],
    },
)
_SECOND = "((m.s2 - m.s1 * m.s1 / m.n) / m.n)"
_THIRD = "((m.s3 - 3 * m.s2 * m.s1 / m.n + 2 * pow(m.s1, 3) / pow(m.n, 2)) / m.n)"
_FOURTH = (
    "((m.s4 - 4 * m.s3 * m.s1 / m.n + 6 * m.s2 * pow(m.s1, 2) / pow(m.n, 2) "
    "- 3 * pow(m.s1, 4) / pow(m.n, 3)) / m.n)"
)

#: The same for statistics of powers, where not all values are equal.
_OF_POWERS = {
    "skewness": f"CASE WHEN m.n = 2 THEN 0 ELSE {_THIRD} / nullif(pow({_SECOND}, 1.5), 0) END",
    "kurtosis": "CASE WHEN m.n = 2 THEN -2 WHEN m.n = 3 THEN -1.5 "
    f"ELSE {_FOURTH} / nullif(pow({_SECOND}, 2), 0) - 3 END",
}


def partial_moment(name: str) -> Callable[[Call], Partial]:
    """Return the partial form of a statistic of one argument."""
    if name in _OF_POWERS:
        varied = f"m.n > 0 AND m.least_x < m.greatest_x THEN {_OF_POWERS[name]}"
        return _POWERS.partial(f"CASE WHEN m.infinite THEN {_NAN} WHEN {varied} END")
    return _MOMENTS.partial(
        f"CASE WHEN m.infinite THEN {_NAN} WHEN m.n > 0 THEN {_OF_MOMENTS[name]} END"
    )


# ---- two arguments ----

_PAIRS = "regr_count({y}, {x}){filter}"


def _finite(value: str, other: str) -> str:
    """Return SQL of a value in a pair, null if it is not finite or the other is not there."""
    return f"CASE WHEN {other} IS NOT NULL AND isfinite({value}) THEN {value} END"


_FINITE_X, _FINITE_Y = _finite("{x}", "{y}"), _finite("{y}", "{x}")


def _side(name: str, value: str) -> dict[str, _Field]:
    """Return the fields about one argument in pairs; most count if its values are finite."""
    mean, squares, infinite = f"mean_{name}", f"s{name}{name}", f"infinite_{name}"
    return {
        mean: _mean(value, mean),
        squares: _added(f"var_pop({value}){{filter}} * {_PAIRS}", squares, _moved(mean, mean)),
        infinite: _any(f"count({value}){{filter}} <> {_PAIRS}", infinite),
        **_ends(name, value),
    }


_PRODUCTS = f"covar_pop({_FINITE_Y}, {_FINITE_X}){{filter}} * {_PAIRS}"

_TWO = _Summary(
    "partial_pairs(y: double, x: double)",
    {
        "n": _added(_PAIRS, "n"),
        **_side("x", _FINITE_X),
        **_side("y", _FINITE_Y),
        "sxy": _added(_PRODUCTS, "sxy", _moved("mean_x", "mean_y")),
    },
)


def _constant(value: str) -> str:
    return f"NOT m.infinite_{value} AND m.least_{value} = m.greatest_{value}"


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
    if name in _MEANS:
        return _partial_mean(_MEANS[name])
    return _TWO.partial(f"CASE WHEN m.n > 0 THEN CASE WHEN FALSE THEN 0 {_OF_PAIRS[name]} END END")


_SIGNATURE = "(y: double, x: double)"
(_COUNT_PAIRS,) = aggregate(f"partial_count_pairs{_SIGNATURE} -> bigint", _PAIRS, nullable=False)
#: By the function's name: what sums up the values in pairs of one argument.
_MEANS = {
    f"regr_avg{value}": aggregate(
        f"partial_sum_{value}{_SIGNATURE} -> double",
        f"sum(CASE WHEN {{{other}}} IS NOT NULL THEN {{{value}}} END){{filter}}",
    )[0]
    for value, other in ("xy", "yx")
}


def _partial_mean(total: Function) -> Callable[[Call], Partial]:
    merge = merged("sum({0}) / nullif(sum({1}), 0)")
    return lambda call: Partial(
        (buffer(total, *call.arguments), buffer(_COUNT_PAIRS, *call.arguments)), merge
    )
