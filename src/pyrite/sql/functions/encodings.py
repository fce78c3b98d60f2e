"""Encodings: characters and their numbers, charsets, base 64."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Lowering, LoweringContext
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.define import scalar, vectorised, where
from pyrite.sql.functions.kernels.base32 import from_base32, to_base32
from pyrite.sql.functions.kernels.charsets import decode, encode, make_valid
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.types import BinaryType

__all__ = ["FUNCTIONS"]


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


def _base64(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to DuckDB, and break what is longer into lines of 76 digits, as MIME has it."""
    (data,) = arguments
    lines = rf"rtrim(regexp_replace(to_base64({data}), '(.{{76}})', e'\\1\r\n', 'g'), e'\r\n')"
    return f"(CASE WHEN octet_length({data}) <= 57 THEN to_base64({data}) ELSE {lines} END)"


def _from_base64(digits: str) -> str:
    """Return the SQL of the bytes of digits, of which some may miss their padding."""
    return f"from_base64(rpad({digits}, CAST((length({digits}) + 3) // 4 * 4 AS INTEGER), '='))"


def _unbase64(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to DuckDB; what is no digit is left out, and all after the first padding."""
    (text,) = arguments
    digits = f"regexp_replace(split_part({text}, '=', 1), '[^A-Za-z0-9+/]', '', 'g')"
    error = raise_sql("CONVERSION_INVALID_INPUT", **_malformed(text, "'BASE64'"))
    return (
        f"(CASE WHEN regexp_full_match({text}, '({_DIGIT * 4})*({_DIGIT * 2}==|{_DIGIT * 3}=)?') "
        f"THEN from_base64({text}) WHEN length({digits}) % 4 = 1 THEN {error} "
        f"ELSE {_from_base64(digits)} END)"
    )


_DIGIT = "[A-Za-z0-9+/]"
_IS_VALID = "TRY(decode({0})) IS NOT NULL"
_IS_UTF_8 = "upper({1}) IN ('UTF-8', 'UTF8')"


#: SQL of a quotation mark.
_QUOTE = "chr(39)"


def _malformed(text: str, form: str) -> dict[str, str]:
    """Return the parameters of CONVERSION_INVALID_INPUT, as SQL."""
    return {
        "str": f"concat({_QUOTE}, {text}, {_QUOTE})",
        "fmt": f"concat({_QUOTE}, {form}, {_QUOTE})",
        "targetType": "'\"BINARY\"'",
        "suggestion": "'`try_to_binary`'",
    }


#: Text without blanks, to be read as base 64.
_COMPACT = r"regexp_replace({0}, '\s', '', 'g')"
_BYTES_OF_COMPACT = _from_base64(f"rtrim({_COMPACT}, '=')")
_IS_BASE64 = f"({_DIGIT}{{{{4}}}})*({_DIGIT}{{{{2}}}}(==)?|{_DIGIT}{{{{3}}}}=?)?"

#: SQL of the bytes of a text {0} by the format, null where it is malformed.
_BINARIES = {
    "hex": "CASE WHEN regexp_full_match({0}, '[0-9A-Fa-f]*') THEN unhex({0}) END",
    "base64": f"CASE WHEN regexp_full_match({_COMPACT}, '{_IS_BASE64}') "
    f"THEN {_BYTES_OF_COMPACT} END",
    "utf-8": "encode({0})",
    "utf8": "encode({0})",
}


def _to_binary(forgiving: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        text, form = arguments[0], arguments[1] if len(arguments) > 1 else "'hex'"
        branches = " ".join(
            f"WHEN '{name}' THEN {sql.format(text)}" for name, sql in _BINARIES.items()
        )
        read = f"CASE lower({form}) {branches} END"
        if forgiving:
            return f"({read})"
        error = raise_sql("CONVERSION_INVALID_INPUT", **_malformed(text, f"upper({form})"))
        some = f"{text} IS NOT NULL AND {form} IS NOT NULL"
        return f"coalesce({read}, CASE WHEN {some} THEN {error} END)"

    return lower


def _of_bytes(data: str | Lowering, text: str) -> Lowering:
    """Lower a call on bytes one way and a call on text, which is always valid, another way."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        chosen = data if isinstance(call.arguments[0].data_type, BinaryType) else text
        if isinstance(chosen, str):
            return f"({chosen.format(*arguments)})"
        return chosen(call, arguments, context)

    return lower


def _decode(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    data, charset = arguments
    known = f"CASE WHEN {_IS_UTF_8.format(data, charset)} THEN TRY(decode({data})) END"
    return f"coalesce({known}, {context.kernel(call, decode, arguments)})"


def _made_valid(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    (data,) = arguments
    if not isinstance(call.arguments[0].data_type, BinaryType):
        return data
    return f"coalesce(TRY(decode({data})), {context.kernel(call, make_valid, arguments)})"


def _validated(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    (data,) = arguments
    if not isinstance(call.arguments[0].data_type, BinaryType):
        return data
    error = raise_sql(
        "INVALID_UTF8_STRING", str=rf"regexp_replace(hex({data}), '(..)', '\\x\1', 'g')"
    )
    return f"coalesce(TRY(decode({data})), CASE WHEN {data} IS NOT NULL THEN {error} END)"


FUNCTIONS = (
    scalar(
        "ascii(str: string) -> int",
        "CAST(ascii({str}) AS INTEGER)",
        "The number of the first character, 0 for an empty text.",
    ),
    scalar(
        "chr(expr: bigint) -> string",
        "CASE WHEN {0} < 0 THEN '' ELSE chr(CAST({0} & 255 AS INTEGER)) END",
        "The character of a number.",
        aliases=("char",),
    ),
    scalar(
        "base64(bin: binary) -> string",
        _base64,
        "The bytes in base 64.",
    ),
    scalar(
        "unbase64(str: string) -> binary",
        _unbase64,
        "The bytes of base 64.",
    ),
    scalar(
        "encode(str: string, charset: string) -> binary",
        where(_IS_UTF_8, "encode({0})", vectorised(encode)),
        "A text's bytes in a charset.",
        nullable=True,
    ),
    scalar(
        "decode(bin: binary, charset: string) -> string",
        _decode,
        "Bytes of a charset as text; with more arguments, the result that follows an equal key.",
        nullable=True,
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
        _of_bytes(f"CASE WHEN {{0}} IS NOT NULL THEN {_IS_VALID} END", "{0} IS NOT NULL OR NULL"),
        "Whether the bytes are valid UTF-8.",
    ),
    scalar(
        "make_valid_utf8(str: string|binary) -> string",
        _made_valid,
        "The text, with what is no UTF-8 replaced.",
    ),
    scalar(
        "validate_utf8(str: string|binary) -> string",
        _validated,
        "The text, if it is valid UTF-8.",
    ),
    scalar(
        "try_validate_utf8(str: string|binary) -> string",
        _of_bytes("TRY(decode({0}))", "{0}"),
        "The text if it is valid UTF-8, else null.",
        nullable=True,
    ),
    scalar(
        "to_base32(bin: binary) -> string",
        vectorised(to_base32),
        "The bytes in base 32.",
    ),
    scalar("from_base32(str: string) -> binary", vectorised(from_base32), "The bytes of base 32."),
)
