"""The formats of to_char and to_number (9 0 . , $ S MI PR) as DuckDB SQL.

A format is a picture: each of its places becomes a piece of SQL text when a number is written, and
a piece of a regular expression when one is read. D and G stand for the point and the comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import analysis_error

__all__ = ["NumberFormat", "parse_format"]

_TOKENS = re.compile(
    r"(?P<digits>[09]+)|(?P<sign>MI|S|PR)|(?P<comma>,)|(?P<point>\.)|(?P<dollar>\$)"
)
_STRUCTURE = "`[MI|S]` `[$]` `[0|9|G|,]*` `[.|D]` `[0|9]*` `[$]` `[PR|MI|S]`"
_SHAPE = re.compile(
    r"(?P<before>MI|S)?(?P<dollar>\$)?(?P<whole>[09,]*)(?:(?P<point>\.)(?P<fraction>[09]*))?"
    r"(?P<after>PR|MI|S)?"
)
#: What a sign is written as, for negative numbers and for others.
_SIGNS = {"S": ("-", "+"), "MI": ("-", " ")}


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format.

    Attributes:
        text: As it is shown in errors.
        before: The sign in front: S, MI or empty.
        dollar: Whether a dollar is in front of the digits.
        groups: The digits of the whole part between commas, from the left.
        point: Whether there is a decimal point.
        fraction: The digits behind the point.
        after: The sign behind: S, MI, PR or empty.
    """

    text: str
    before: str
    dollar: bool
    groups: tuple[str, ...]
    point: bool
    fraction: str
    after: str

    @property
    def whole_digits(self) -> int:
        """How many digits the whole part has room for."""
        return sum(map(len, self.groups))

    @property
    def scale(self) -> int:
        """How many digits there are behind the point."""
        return len(self.fraction)

    def write(self, number: str, scale: int) -> str:
        """Return the SQL of the text of a number; hashes where it has too many digits.

        Args:
            number: SQL of a decimal.
            scale: The decimal's scale.
        """
        negative = f"{number} < 0"
        text = f"CAST(abs({number}) AS VARCHAR)"
        digits = f"split_part({text}, '.', 1)" if scale else text
        digits = f"ltrim({digits}, '0')"
        excess = f"length({digits}) > {self.whole_digits}"
        behind = f"split_part({text}, '.', 2)" if scale else f"left({text}, 0)"
        if scale > self.scale:
            excess += f" OR rtrim({behind}[{self.scale + 1}:], '0') <> ''"
        fraction = f"rpad({behind}, {self.scale}, '0')" if self.scale else "''"
        written = self._signed(self._whole(digits), negative)
        if self.scale:
            # A blank in front of the point becomes a zero.
            written = f"regexp_replace({written}, ' $', '0')" if self.groups else written
            written = f"{written} || '.' || {fraction}"
        elif self.point:
            written = f"regexp_replace({written}, ' $', '0') || ' '"
        picture = " ".join("#" * len(group) for group in self.groups)
        if self.point:
            picture += f".{'#' * self.scale}" if self.scale else " "
        hashes = self._signed(quote(picture), negative, moving=False)
        written = f"{written}{self._sign_behind(negative)}"
        if self.after == "S" and not (self.point or self.dollar):
            # Where there is no digit, the sign comes before the blanks.
            written = f"if({digits} = '', '+' || repeat(' ', {self.whole_digits}), {written})"
        hashes = f"{hashes}{self._sign_behind(negative)}"
        return f"(CASE WHEN {excess} THEN {hashes} ELSE {written} END)"

    def _whole(self, digits: str) -> str:
        """Return the SQL of the digits in their places, with blanks or zeros where there are none.

        Digits between commas are filled with zeros if they begin with one in the format.
        """
        if not self.groups:
            return "''"
        padded, pieces, start = f"lpad({digits}, {self.whole_digits}, ' ')", [], 1
        for group in self.groups:
            end = start + len(group) - 1
            part = f"{padded}[{start}:{end}]" if len(self.groups) > 1 else padded
            is_zeros = group[0] == "0"
            pieces.append(f"replace({part}, ' ', '0')" if is_zeros else part)
            if end < self.whole_digits:
                seen = "','" if is_zeros else f"if({padded}[{end}] = ' ', ' ', ',')"
                pieces.append(seen)
            start = end + 1
        return f"({' || '.join(pieces)})"

    def _signed(self, digits: str, negative: str, moving: bool = True) -> str:
        """Put what is in front of the digits there; a sign comes right before the first one."""
        if self.after == "PR":
            sign = f"if({negative}, '<', '')"
        elif self.before:
            minus, plus = _SIGNS[self.before]
            sign = f"if({negative}, '{minus}', '{plus}')"
        else:
            return f"('$' || {digits})" if self.dollar else digits
        if self.dollar:
            return f"({sign} || '$' || {digits})"
        if not moving or all(group[0] == "0" for group in self.groups[:1]):
            return f"({sign} || {digits})"
        blanks = f"repeat(' ', length({digits}) - length(ltrim({digits}, ' ')))"
        return f"({blanks} || {sign} || ltrim({digits}, ' '))"

    def _sign_behind(self, negative: str) -> str:
        if self.after == "PR":
            return f" || if({negative}, '>', '  ')"
        if self.after:
            minus, plus = _SIGNS[self.after]
            return f" || if({negative}, '{minus}', '{plus}')"
        return ""

    def read(self, text: str) -> str:
        """Return the SQL of the number that a text writes by the format, null if it does not.

        Args:
            text: SQL of the text.
        """
        compact = rf"regexp_replace({text}, '\s', '', 'g')"
        digits = f"regexp_replace({compact}, '[^0-9.]', '', 'g')"
        kind = f"DECIMAL({self.whole_digits + self.scale},{self.scale})"
        number = f"CAST('0' || {digits} AS {kind})"
        negative = f"regexp_matches({compact}, '[-<]')"
        return (
            f"CASE WHEN regexp_full_match({compact}, {quote(self._shape())}) "
            f"AND regexp_matches({compact}, '[0-9]') THEN if({negative}, -{number}, {number}) END"
        )

    def _shape(self) -> str:
        """Return the regular expression of the texts, without blanks, that the format reads."""
        front = {"S": "[-+]?", "MI": "-?", "": ""}[self.before] + (r"\$" if self.dollar else "")
        back = {"S": "[-+]?", "MI": "-?"}.get(self.after, "")
        fraction = rf"(\.\d{{0,{self.scale}}})?" if self.point else ""
        body = f"{front}({'|'.join(self._wholes())}){fraction}{back}"
        return f"{body}|<{body}>" if self.after == "PR" else body

    def _wholes(self) -> Iterator[str]:
        """Yield an expression of the whole part for each group it may begin with."""
        for place, group in enumerate(self.groups):
            rest = "".join("," + _digits(other) for other in self.groups[place + 1 :])
            yield f"{_digits(group)}{rest}"
            if group[0] == "0":
                return
        yield ""


def _digits(group: str) -> str:
    """Return the expression of what a group reads: all its digits if it begins with a zero."""
    return rf"\d{{{len(group) if group[0] == '0' else 0},{len(group)}}}"


@lru_cache(maxsize=256)
def parse_format(text: str) -> NumberFormat:
    """Parse a format.

    Raises:
        SparkError: INVALID_FORMAT, with what is wrong.

    Example:
        >>> parse_format("$9,999.99").groups
        ('9', '999')
    """
    shown = text.upper()
    plain = shown.replace("D", ".").replace("G", ",")
    _check(plain, shown)
    match = _SHAPE.fullmatch(plain)
    if match is None:
        raise _invalid("UNEXPECTED_TOKEN", shown, token="digit sequence", structure=_STRUCTURE)
    whole = match["whole"]
    return NumberFormat(
        shown,
        match["before"] or "",
        bool(match["dollar"]),
        tuple(whole.split(",")) if whole else (),
        bool(match["point"]),
        match["fraction"] or "",
        match["after"] or "",
    )


def _invalid(kind: str, shown: str, **parameters: str) -> Exception:
    return analysis_error(f"INVALID_FORMAT.{kind}", format=f"'{shown}'", **parameters)


def _check(plain: str, shown: str) -> None:
    """Refuse what is wrong with a format's parts, before their order is looked at."""
    if not plain:
        raise _invalid("EMPTY", shown)
    if not re.search("[09]", plain):
        raise _invalid("WRONG_NUM_DIGIT", shown)
    rest = _TOKENS.sub("", plain)
    if rest:
        token = f"character '{rest[0]}''"
        raise _invalid("UNEXPECTED_TOKEN", shown, token=token, structure=_STRUCTURE)
    for token, name in ((".", ". or D"), ("S", "S"), ("$", "$"), ("MI", "MI"), ("PR", "PR")):
        if plain.count(token) > 1:
            raise _invalid("WRONG_NUM_TOKEN", shown, token=name)
    whole, _, fraction = plain.partition(".")
    if "," in fraction:
        raise _invalid("THOUSANDS_SEPS_MUST_BEFORE_DEC", shown)
    if re.search(r"(?<![09]),|,(?![09])", whole):
        raise _invalid("CONT_THOUSANDS_SEPS", shown)
    if re.search(r"[09].*\$", plain):
        raise _invalid("CUR_MUST_BEFORE_DIGIT", shown)
