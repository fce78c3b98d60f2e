"""Functions of URLs: their parts, and percent encoding.

DuckDB takes URLs apart with regular expressions that have the grammar of java.net.URI, which is
RFC 2396 with any letters of Unicode. Only texts that percent-decode to what is no UTF-8 take a
way of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from pyrite.sql.duckdb_text import let, quote
from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import Lowering, LoweringContext
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.mapping import map_distinct
from pyrite.sql.functions.raising import raise_sql

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS"]

# ---- the grammar ----

_HEX = "[0-9A-Fa-f]"
_OTHER = rf"%{_HEX}{{2}}|[^\x00-\x{{A0}}\p{{Z}}]"
_UNRESERVED = r"\w!.~'()*\-"
_USER = rf"(?:[{_UNRESERVED};:&=+$,]|{_OTHER})*"
_NAMED = rf"(?:[{_UNRESERVED}$,;:@&=+]|{_OTHER})+"
_PATH = rf"(?:[{_UNRESERVED}:@&=+$,;/]|{_OTHER})*"
_ANY = rf"(?:[{_UNRESERVED};/?:@&=+$,\[\]]|{_OTHER})*"
_ADDRESS = rf"\[(?:{_HEX}|[:.])+(?:%\w+)?\]"
_BYTE = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_LABEL = r"(?:[0-9A-Za-z\-]*[0-9A-Za-z])?"
_NAME = rf"(?:[0-9A-Za-z]{_LABEL}|(?:[0-9A-Za-z]{_LABEL}\.)+[A-Za-z]{_LABEL})\.?"
_SERVER = rf"^(?:{_USER}@)?(?:{_ADDRESS}|{_BYTE}(?:\.{_BYTE}){{3}}|{_NAME})(?::\d*)?$"
_AUTHORITY = rf"{_NAMED}|(?:{_USER}@)?{_ADDRESS}(?::\d*)?"
_SCHEME = r"[A-Za-z][0-9A-Za-z+.\-]*"

#: A URL with a path.
_WITH_PATH = (
    rf"^(?:{_SCHEME}:)?(?://(?:{_AUTHORITY})?(?:/{_PATH})?|{_PATH})(?:\?{_ANY})?(?:#{_ANY})?$"
)
#: What looks like one and is none: 1a:/b, two slashes at the end.
_NO_PATH = (
    r"^(?:[^/?#:]*:)?//$|"
    r"^(?:|[^A-Za-z/?#:][^/?#:]*|[^/?#:]*[^/?#:0-9A-Za-z+.\-][^/?#:]*):"
)
#: A URL with something else behind its scheme, such as mailto:me@example.com.
_OPAQUE = rf"^{_SCHEME}:(?:[{_UNRESERVED};?:@&=+$,\[\]]|{_OTHER}){_ANY}(?:#{_ANY})?$"
_LOOKS_OPAQUE = "^[^/?#:]*:(?:[^/]|$)"

_IS_URL = (
    f"CASE WHEN regexp_matches(v90, {quote(_LOOKS_OPAQUE)}) "
    f"THEN regexp_matches(v90, {quote(_OPAQUE)}) "
    f"ELSE regexp_matches(v90, {quote(_WITH_PATH)}) "
    f"AND NOT regexp_matches(v90, {quote(_NO_PATH)}) END"
)


# ---- parts ----


def _first(pattern: str, text: str = "v90") -> str:
    return f"nullif(regexp_extract({text}, {quote(pattern)}, 1), '')"


def _unless_opaque(sql: str) -> str:
    return f"CASE WHEN NOT regexp_matches(v90, {quote(_LOOKS_OPAQUE)}) THEN {sql} END"


_START = "^(?:[^/?#:]*:)?(?://[^/?#]*)?"
_HOST_AND_PORT = _first("^(?:[^/?#:]*:)?//([^/?#]*)")


def _of_server(sql: str) -> str:
    """Return SQL of a part of the authority, ``v91``, null if this is not a server's name."""
    found = f"CASE WHEN regexp_matches(v91, {quote(_SERVER)}) THEN {sql} END"
    return let("v91", _HOST_AND_PORT, found)


_NOTHING = "CAST(NULL AS VARCHAR)"
#: SQL of each part of what is a URL, ``v90``.
_PARTS = {
    "PROTOCOL": _first("^([^/?#:]*):"),
    "AUTHORITY": _HOST_AND_PORT,
    "USERINFO": _of_server(f"{_first('^(.*@)', 'v91')}[:-2]"),
    "HOST": _of_server(_first("^(?:.*@)?([[].*]|[^:]*)", "v91")),
    "PATH": _unless_opaque(f"regexp_extract(v90, {quote(_START + '([^?#]*)')}, 1)"),
    "QUERY": _unless_opaque(f"{_first('^[^?#]*([?][^#]*)')}[2:]"),
    "FILE": _unless_opaque(f"regexp_extract(v90, {quote(_START + '([^#]*)')}, 1)"),
    "REF": f"{_first('(#.*)$')}[2:]",
}


def _value(key: str) -> str:
    """Return SQL of a value in the query; the key is a regular expression, as in Spark."""
    arguments = f"v91, concat('(?:^|&)', {key}, '=([^&]*)')"
    found = f"CASE WHEN regexp_matches({arguments}) THEN regexp_extract({arguments}, 1) END"
    return let("v91", _PARTS["QUERY"], found)


def _parse_url(strict_in_ansi: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        url, part, *keys = arguments
        known = constant_text(call.arguments[1])
        if keys:
            found = f"CASE WHEN {part} = 'QUERY' THEN {_value(keys[0])} END"
        elif known is not None:
            found = _PARTS.get(known, _NOTHING)
        else:
            choices = (f"WHEN {quote(name)} THEN {sql}" for name, sql in _PARTS.items())
            found = f"CASE {part} {' '.join(choices)} END"
        strict = strict_in_ansi and context.ansi
        other = raise_sql("INVALID_URL", url="v90") if strict else "NULL"
        given = " AND ".join(f"{argument} IS NOT NULL" for argument in ("v90", *arguments[1:]))
        checked = f"CASE WHEN {_IS_URL} THEN {found} ELSE {other} END"
        return let("v90", url, f"CASE WHEN {given} THEN {checked} END")

    return lower


# ---- percent encoding ----

_BAD_ESCAPE = f"%(?:$|[^0-9A-Fa-f]|{_HEX}(?:$|[^0-9A-Fa-f]))"


def _replace_bad_bytes(urls: pa.Array) -> pa.Array:
    import pyarrow as pa

    def decode(url: str) -> str:
        return unquote_to_bytes(url.replace("+", " ")).decode("utf-8", "replace")

    return map_distinct(urls, decode, pa.string())


def _url_decode(strict: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        decoded = "TRY(url_decode(replace(v90, '+', ' ')))"
        slow = context.kernel(
            call, _replace_bad_bytes, [f"CASE WHEN {decoded} IS NULL THEN v90 END"]
        )
        bad = raise_sql("CANNOT_DECODE_URL", url="v90") if strict else "NULL"
        return let(
            "v90",
            arguments[0],
            f"CASE WHEN regexp_matches(v90, {quote(_BAD_ESCAPE)}) THEN {bad} "
            f"ELSE coalesce({decoded}, {slow}) END",
        )

    return lower


FUNCTIONS = (
    scalar(
        "parse_url(url: string, partToExtract: string, key?: string) -> string",
        _parse_url(True),
        "A part of a URL.",
        nullable=True,
    ),
    scalar(
        "try_parse_url(url: string, partToExtract: string, key?: string) -> string",
        _parse_url(False),
        "A part of a URL, null if it is none.",
        nullable=True,
    ),
    scalar(
        "url_encode(str: string) -> string",
        "replace(replace(replace(url_encode({str}), '%20', '+'), '%2A', '*'), '~', '%7E')",
        "A text as part of a URL.",
        nullable=True,
    ),
    scalar(
        "url_decode(str: string) -> string",
        _url_decode(True),
        "What a part of a URL stands for.",
    ),
    scalar(
        "try_url_decode(str: string) -> string",
        _url_decode(False),
        "What a part of a URL stands for, null if it is malformed.",
        nullable=True,
    ),
)
