"""Encodings: characters and their numbers, charsets, base 64."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.function import Lowering
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.define import scalar, where
from pyrite.sql.functions.kernels.rows import by_row
from pyrite.sql.functions.raising import raised_text

__all__ = ["FUNCTIONS"]

#: Java's names of charsets and Python's.
_CHARSETS = {
    "iso-8859-1": "latin-1",
    "us-ascii": "ascii",
    "utf-16": "utf-16-be",
    "utf-16be": "utf-16-be",
    "utf-16le": "utf-16-le",
    "utf-32": "utf-32-be",
    "utf-8": "utf-8",
}


def _codec(function: str, charset: str) -> str:
    codec = _CHARSETS.get(charset.lower())
    if codec is None:
        raise ValueError(
            raised_text(
                "INVALID_PARAMETER_VALUE.CHARSET",
                functionName=f"`{function}`",
                parameter="`charset`",
                charset=charset,
                charsets=", ".join(sorted(_CHARSETS)),
            )
        )
    return codec


def _malformed(function: str, charset: str) -> ValueError:
    return ValueError(
        raised_text("MALFORMED_CHARACTER_CODING", function=f"`{function}`", charset=charset)
    )


def _encode(text: str, charset: str) -> bytes:
    codec = _codec("encode", charset)
    try:
        encoded = text.encode(codec)
    except UnicodeEncodeError:
        raise _malformed("encode", charset) from None
    return b"\xfe\xff" + encoded if charset.lower() == "utf-16" and text else encoded


def _decode(data: bytes, charset: str) -> str:
    codec = _codec("decode", charset)
    if charset.lower() == "utf-16" and data[:2] in (b"\xfe\xff", b"\xff\xfe"):
        codec, data = ("utf-16-be" if data[0] == 0xFE else "utf-16-le"), data[2:]
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise _malformed("decode", charset) from None


def _decode_by_keys(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    """With more arguments: the result after the key that the first one equals, or a default."""
    if len(arguments) < 3:
        return None
    value, *rest = arguments
    branches: list[Expression] = []
    for key, result in zip(rest[::2], rest[1::2], strict=False):
        branches += [UnresolvedFunction(("<=>",), (value, key)), result]
    if len(rest) % 2:
        branches.append(rest[-1])
    return UnresolvedFunction(("when",), tuple(branches))


def _character(number: int) -> str:
    return "" if number < 0 else chr(number & 0xFF)


def _to_base64(data: bytes) -> str:
    """Write base 64 in lines of 76, as MIME has it."""
    text = base64.b64encode(data).decode()
    return "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76))


def _from_base64(text: str) -> bytes:
    digits = re.sub(r"[^A-Za-z0-9+/]", "", text.partition("=")[0])
    if len(digits) % 4 == 1:
        raise ValueError(
            raised_text(
                "CONVERSION_INVALID_INPUT",
                str=f"'{text}'",
                fmt="'BASE64'",
                targetType='"BINARY"',
                suggestion="`try_to_binary`",
            )
        )
    return base64.b64decode(digits + "=" * (-len(digits) % 4))


#: Base 64 with the padding it needs, or without any.
_BASE64 = re.compile(
    r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?", re.ASCII
)


_DIGIT = "[A-Za-z0-9+/]"
_IS_UTF_8 = "upper({1}) IN ('UTF-8', 'UTF8')"


def _is_valid(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _to_binary(forgiving: bool) -> Lowering:
    def convert(text: str, form: str = "hex") -> bytes | None:
        kind = form.lower()
        try:
            if kind in ("utf-8", "utf8"):
                return text.encode()
            if kind == "base64":
                compact = re.sub(r"\s+(?=[^=])|\s+$|^\s+", "", text)
                if _BASE64.fullmatch(compact) is None:
                    raise ValueError(text)
                return _from_base64(compact)
            if kind == "hex":
                return bytes.fromhex(text if len(text) % 2 == 0 else f"0{text}")
        except ValueError:
            pass
        if forgiving:
            return None
        raise ValueError(
            raised_text(
                "CONVERSION_INVALID_INPUT",
                str=f"'{text}'",
                fmt=f"'{form.upper()}'",
                targetType='"BINARY"',
                suggestion="`try_to_binary`",
            )
        )

    return by_row(convert)


FUNCTIONS = (
    scalar(
        "ascii(str: string) -> int",
        "CAST(ascii({str}) AS INTEGER)",
        "The number of the first character, 0 for an empty text.",
    ),
    scalar(
        "chr(expr: bigint) -> string",
        by_row(_character),
        "The character of a number.",
        aliases=("char",),
    ),
    scalar(
        "base64(bin: binary) -> string",
        where("octet_length({0}) <= 57", "to_base64({0})", by_row(_to_base64)),
        "The bytes in base 64.",
    ),
    scalar(
        "unbase64(str: string) -> binary",
        where(
            f"regexp_full_match({{0}}, '({_DIGIT * 4})*({_DIGIT * 2}==|{_DIGIT * 3}=)?')",
            "from_base64({0})",
            by_row(_from_base64),
        ),
        "The bytes of base 64.",
    ),
    scalar(
        "encode(str: string, charset: string) -> binary",
        where(_IS_UTF_8, "encode({0})", by_row(_encode)),
        "A text's bytes in a charset.",
    ),
    scalar(
        "decode(bin: binary, charset: string) -> string",
        where(f"{_IS_UTF_8} AND TRY(decode({{0}})) IS NOT NULL", "decode({0})", by_row(_decode)),
        "Bytes of a charset as text; with more arguments, the result that follows an equal key.",
        rewrite=_decode_by_keys,
    ),
    *(
        scalar(
            f"{name}(expr: string, fmt?: string) -> binary",
            _to_binary(forgiving=name.startswith("try")),
            "The bytes of a text in base 16, base 64 or UTF-8.",
            nullable=True,
        )
        for name in ("to_binary", "try_to_binary")
    ),
    scalar(
        "is_valid_utf8(str: string|binary) -> boolean",
        by_row(lambda data: isinstance(data, str) or _is_valid(data)),
        "Whether the bytes are valid UTF-8.",
    ),
    scalar(
        "make_valid_utf8(str: string|binary) -> string",
        by_row(lambda data: data if isinstance(data, str) else data.decode("utf-8", "replace")),
        "The text, with what is no UTF-8 replaced.",
    ),
    scalar("validate_utf8(str: string) -> string", "{str}", "The text, if it is valid UTF-8."),
    scalar("try_validate_utf8(str: string) -> string", "{str}", "The text if it is valid UTF-8."),
    scalar(
        "to_base32(bin: binary) -> string",
        by_row(lambda data: base64.b32encode(data).decode()),
        "The bytes in base 32.",
    ),
    scalar("from_base32(str: string) -> binary", by_row(base64.b32decode), "The bytes of base 32."),
)
