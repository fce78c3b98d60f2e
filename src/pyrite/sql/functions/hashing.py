"""Hashing: Spark's hash and xxhash64 of values of any types, and digests of bytes.

DuckDB has MD5, SHA-1 and SHA-256. For SHA-2 of other lengths each distinct value is one call of
OpenSSL: its eighty rounds over whole columns, in Python, would take longer than that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyrite.sql.duckdb_text import let
from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import scalar, where
from pyrite.sql.functions.kernels.crc32 import crc32_of
from pyrite.sql.functions.kernels.hash_columns import ROW_HASHES
from pyrite.sql.functions.kernels.rows import by_row
from pyrite.sql.functions.signature import arrange, call_text
from pyrite.sql.types import ArrayType, DataType, MapType, StructType, VariantType, to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS"]


#: Types whose values have no hash, with the error that says so.
_WITHOUT_HASH: tuple[tuple[type[DataType], str], ...] = (
    (MapType, "DATATYPE_MISMATCH.HASH_MAP_TYPE"),
    (VariantType, "DATATYPE_MISMATCH.HASH_VARIANT_TYPE"),
)


def _contains(data_type: DataType, kind: type[DataType]) -> bool:
    match data_type:
        case kind():
            return True
        case ArrayType():
            return _contains(data_type.elementType, kind)
        case StructType():
            return any(_contains(field.dataType, kind) for field in data_type.fields)
        case _:
            return False


def _coerce_hash(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    arguments = arrange(function, arguments)
    for kind, condition in _WITHOUT_HASH:
        if any(_contains(argument.data_type, kind) for argument in arguments):
            raise analysis_error(
                condition,
                sqlExpr=f'"{call_text(function, arguments)}"',
                functionName=f"`{function.name}`",
            )
    return arguments


def _hash(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    types = [argument.data_type for argument in call.arguments]
    rows, target = ROW_HASHES[call.function.name], call.data_type

    def compute(*columns: pa.Array) -> pa.Array:
        import pyarrow as pa

        return pa.array(rows(columns, types), to_arrow(target))

    return context.kernel(call, compute, arguments)


def _sha2(data: bytes, bits: int) -> str | None:
    digest = {0: "sha256", 224: "sha224", 256: "sha256", 384: "sha384", 512: "sha512"}.get(bits)
    return hashlib.new(digest, data).hexdigest() if digest else None


def _crc32(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return context.kernel(call, crc32_of, arguments)


#: DuckDB's digests, whose blocks all have 64 bytes, by their names without dashes.
_DIGESTS = {"sha256": "sha256", "sha1": "sha1", "md5": "md5"}


def _name(algorithm: str) -> str:
    return algorithm.lower().replace("-", "")


def _any_hmac(key: bytes, message: bytes, algorithm: str) -> bytes:
    return hmac.digest(key, message, _name(algorithm))


def _hmac(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to RFC 2104's formula, with DuckDB's digests; other ones are Python's."""
    key, message, _ = arguments
    digest = _DIGESTS.get(_name(constant_text(call.arguments[2]) or ""))
    if digest is None:
        return by_row(_any_hmac)(call, arguments, context)

    def block_of(byte: str) -> str:
        return f"CAST(repeat('\\x{byte}', 64) AS BLOB)"

    def padded(byte: str) -> str:
        return f"CAST(xor(CAST(v91 AS BIT), CAST({block_of(byte)} AS BIT)) AS BLOB)"

    short = f"CASE WHEN octet_length(v90) > 64 THEN unhex({digest}(v90)) ELSE v90 END"
    block = f"({short} || {block_of('00')})[1:64]"
    inner = f"unhex({digest}({padded('36')} || {message}))"
    outer = f"unhex({digest}({padded('5C')} || {inner}))"
    return let("v90", key, let("v91", block, outer))


FUNCTIONS = (
    scalar(
        "hash(exprs...: any) -> int",
        _hash,
        "A hash of the values (Murmur3 with seed 42).",
        coerce=_coerce_hash,
        nullable=False,
    ),
    scalar(
        "xxhash64(exprs...: any) -> bigint",
        _hash,
        "A hash of the values (XXH64 with seed 42).",
        coerce=_coerce_hash,
        nullable=False,
    ),
    scalar("md5(expr: binary) -> string", "md5({expr})", "The MD5 digest in base 16."),
    scalar(
        "sha(expr: binary) -> string",
        "sha1({expr})",
        "The SHA-1 digest in base 16.",
        aliases=("sha1",),
    ),
    scalar(
        "sha2(expr: binary, bitLength: int) -> string",
        where("{1} IN (0, 256)", "sha256({0})", by_row(_sha2)),
        "A digest of the SHA-2 family in base 16: 224, 256, 384 or 512 bits, 0 for 256.",
        nullable=True,
    ),
    scalar("crc32(expr: binary) -> bigint", _crc32, "The CRC-32 checksum."),
    scalar(
        "hmac(key: binary, msg: binary, algorithm: string = 'SHA-256') -> binary",
        _hmac,
        "A code that proves a message's origin.",
    ),
)
