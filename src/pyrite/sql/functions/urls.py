"""Functions of URLs: their parts, and percent encoding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote_to_bytes

from pyrite.sql.errors import runtime_error
from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import Lowering, LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.mapping import map_distinct, map_rows
from pyrite.sql.functions.raising import carried

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS"]

#: The parts of RFC 2396, which java.net.URI reads.
_URL = re.compile(
    r"(?:([A-Za-z][\w+.-]*):)?(//([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_FORBIDDEN = re.compile(r"[\x00-\x20\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::\d*)?", re.DOTALL)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@lru_cache(1024)
def _parts(url: str) -> dict[str, str | None] | None:
    """Return a URL's parts by Spark's names, None if it is no URL."""
    if _FORBIDDEN.search(url):
        return None
    match = _URL.fullmatch(url)
    if match is None:
        return None
    protocol, _, authority, path, query, fragment = match.groups()
    server = _AUTHORITY.fullmatch(authority or "")
    opaque = protocol is not None and authority is None and not path.startswith("/")
    host = server[2] if server is not None else None
    return {
        "HOST": host or None,
        "PATH": None if opaque else path,
        "QUERY": query,
        "REF": fragment,
        "PROTOCOL": protocol,
        "FILE": None if opaque else path + (f"?{query}" if query is not None else ""),
        "AUTHORITY": authority or None,
        "USERINFO": server[1] if server is not None else None,
    }


def _part(url: str, part: str, key: str | None, strict: bool) -> str | None:
    parts = _parts(url)
    if parts is None:
        if not strict:
            return None
        raise carried(runtime_error("INVALID_URL", url=url))
    found = parts.get(part)
    if key is None or part != "QUERY":
        return found if key is None else None
    value = re.search(rf"(?:^|&){re.escape(key)}=([^&]*)", found or "")
    return value[1] if value else None


def _parse_url(strict_in_ansi: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        strict = strict_in_ansi and context.ansi

        def compute(*columns: pa.Array) -> pa.Array:
            import pyarrow as pa

            def one(url: str, part: str, key: str | None = None) -> str | None:
                return _part(url, part, key, strict)

            return map_rows(columns, one, pa.string())

        return context.kernel(call, compute, arguments)

    return lower


def _encode(urls: pa.Array) -> pa.Array:
    import pyarrow as pa

    return map_distinct(
        urls, lambda url: quote_plus(url, safe="*").replace("~", "%7E"), pa.string()
    )


def _decoded(url: str, strict: bool) -> str | None:
    if _BAD_ESCAPE.search(url):
        if not strict:
            return None
        raise carried(runtime_error("CANNOT_DECODE_URL", url=url))
    return unquote_to_bytes(url.replace("+", " ")).decode("utf-8", "replace")


def _decode(strict: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        def compute(urls: pa.Array) -> pa.Array:
            import pyarrow as pa

            return map_distinct(urls, lambda url: _decoded(url, strict), pa.string())

        return context.kernel(call, compute, arguments)

    return lower


def _url_encode(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return context.kernel(call, _encode, arguments[:1])


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
    scalar("url_encode(str: string) -> string", _url_encode, "A text as part of a URL."),
    scalar("url_decode(str: string) -> string", _decode(True), "What a part of a URL stands for."),
    scalar(
        "try_url_decode(str: string) -> string",
        _decode(False),
        "What a part of a URL stands for, null if it is malformed.",
        nullable=True,
    ),
)
