"""The patterns of format_number (``#,##0.00``), Java's DecimalFormat, as DuckDB SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyrite.sql.duckdb_text import quote
from pyrite.sql.functions.format_strings import fixed, grouped
from pyrite.sql.types import DataType, DecimalType, DoubleType, FloatType

__all__ = ["DecimalPattern", "of_places", "parse_pattern"]

#: The pattern of an empty text.
_USUAL = "#,###,###,###,###,###,##0"
_MOST_DIGITS = 38
#: So many places of numbers below 1e9 are within a double's digits.
_FEW_PLACES = 6


@dataclass(frozen=True, slots=True)
class DecimalPattern:
    """A pattern.

    Attributes:
        prefix: The text in front of the digits.
        suffix: The text behind them.
        group: How many digits there are between commas, 0 for no commas.
        whole: The fewest digits in front of the point.
        least: The fewest digits behind the point.
        most: The most digits behind the point.
    """

    prefix: str
    suffix: str
    group: int
    whole: int
    least: int
    most: int

    def write(self, number: str, data_type: DataType) -> str | None:
        """Return the SQL of the text of a number; a half is rounded to the even digit.

        Args:
            number: Its SQL.
            data_type: Its type.

        Returns:
            None for what is rare: percents, and more digits than decimals have.
        """
        if "%" in self.suffix + self.prefix or self.most > _MOST_DIGITS - 1:
            return None
        is_double = isinstance(data_type, (DoubleType, FloatType))
        if is_double:
            number = f"CAST({number} AS DOUBLE)"
            digits = _of_double(number, self.most)
        else:
            scale = data_type.scale if isinstance(data_type, DecimalType) else 0
            digits = _of_decimal(number, scale, self.most)
        body = f"{self._in_front(digits)}{self._behind(digits)}"
        if not (self.whole or self.most):
            body = f"if({body} = '', '0', {body})"
        negative = f"CAST({number} AS VARCHAR)[1] = '-'" if is_double else f"{number} < 0"
        sign, before, after = f"if({negative}, '-', '')", quote(self.prefix), quote(self.suffix)
        written = f"{sign} || {before} || {body} || {after}"
        if not is_double:
            return f"({written})"
        quick = ""
        usual = self.group == 3 and self.whole == 1 and not self.prefix
        if usual and self.least == self.most <= _FEW_PLACES:
            text = f"format('{{:,.{self.most}f}}', {number}) || {after}"
            quick = f"WHEN {_is_small(number)} THEN {text} "
        return (
            f"(CASE {quick}WHEN isnan({number}) THEN 'NaN' WHEN isinf({number}) "
            f"THEN {sign} || {before} || '∞' || {after} ELSE {written} END)"
        )

    def _in_front(self, digits: str) -> str:
        whole = f"split_part({digits}, '.', 1)"
        if self.whole != 1:
            whole = f"ltrim({whole}, '0')"
            size = f"CAST(greatest(length({whole}), {self.whole}) AS INTEGER)"
            whole = f"lpad({whole}, {size}, '0')" if self.whole else whole
        if not self.group:
            return whole
        if self.group == 3 and self.whole <= 1:
            return f"if({whole} = '', '', {grouped(whole)})" if not self.whole else grouped(whole)
        groups = rf"regexp_replace(reverse({whole}), '(.{{{self.group}}})', '\1,', 'g')"
        return f"ltrim(reverse({groups}), ',')"

    def _behind(self, digits: str) -> str:
        if not self.most:
            return ""
        fraction = f"split_part({digits}, '.', 2)"
        if self.least < self.most:
            fraction = f"rtrim({fraction}, '0')"
            size = f"CAST(greatest(length({fraction}), {self.least}) AS INTEGER)"
            fraction = f"rpad({fraction}, {size}, '0')"
            if not self.least:
                return f" || if({fraction} = '', '', '.' || {fraction})"
        return f" || '.' || {fraction}"


def _of_double(number: str, places: int) -> str:
    """Return the SQL of a double's digits.

    Where its shortest text has more digits, it is the double itself that is rounded, as in C.
    """
    behind = f"split_part(CAST(abs({number}) AS VARCHAR), '.', 2)"
    rounded = f"printf('%.{places}f', abs({number}))"
    short = f"length({behind}) <= {places} OR abs({number}) >= 1e16"
    tiny = f"abs({number}) >= 1e-3 OR {number} = 0"
    exact = f"CASE WHEN ({short}) AND ({tiny}) THEN {fixed(number, places)} ELSE {rounded} END"
    if places > _FEW_PLACES:
        return exact
    return f"CASE WHEN {_is_small(number)} THEN {rounded} ELSE {exact} END"


def _is_small(number: str) -> str:
    """Return the SQL of whether a double's digits are enough: then C rounds it as Java does."""
    return f"abs({number}) < 1e9"


def _of_decimal(number: str, scale: int, places: int) -> str:
    """Return the SQL of the digits of a decimal or an integer."""
    if scale <= places:
        wide = number if scale else f"CAST({number} AS HUGEINT)"
        text = f"CAST(abs({wide}) AS VARCHAR)"
        if scale:
            return f"({text} || '{'0' * (places - scale)}')"
        return f"({text} || '.{'0' * places}')" if places else text
    unit = f"CAST('1{'0' * (scale - places)}' AS HUGEINT)"
    units = f"CAST(spark_half_even(spark_unscaled(abs({number})), {unit}) AS VARCHAR)"
    if not places:
        return units
    padded = f"lpad({units}, CAST(greatest(length({units}), {places + 1}) AS INTEGER), '0')"
    return f"(left({padded}, -{places}) || '.' || right({padded}, {places}))"


def of_places(places: int) -> DecimalPattern:
    """Return the pattern of numbers with commas and so many digits behind the point."""
    return DecimalPattern("", "", 3, 1, places, places)


def parse_pattern(text: str) -> DecimalPattern | None:
    """Parse a pattern; None if it has no place for digits.

    Example:
        >>> parse_pattern("$#,##0.0#")
        DecimalPattern(prefix='$', suffix='', group=3, whole=1, least=1, most=2)
    """
    positive = (text or _USUAL).split(";")[0]
    match = re.search(r"[#0,.]+", positive)
    if match is None:
        return None
    whole, point, fraction = match[0].partition(".")
    if point and "0" not in match[0]:  # one digit is always written
        whole, fraction = (f"{whole[:-1]}0", fraction) if whole else ("", f"0{fraction[1:]}")
    group = len(whole) - whole.rfind(",") - 1 if "," in whole else 0
    ends = positive[: match.start()], positive[match.end() :]
    return DecimalPattern(*ends, group, whole.count("0"), fraction.count("0"), len(fraction))
