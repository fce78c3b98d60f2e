"""Casts from and to variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.execution.cast_rules import CastRule, from_python
from pyrite.sql.expressions.expression import CastMode
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.functions.kernels.variant_casts import VariantCast
from pyrite.sql.functions.kernels.variant_decoding import VariantColumn
from pyrite.sql.functions.kernels.variant_values import VariantValues
from pyrite.sql.functions.variants import built_variants
from pyrite.sql.types import DataType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["VARIANT_RULES"]


def _from_variant(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    strict = mode is not CastMode.TRY
    cast = VariantCast(context.time_zone, strict)

    def convert(variants: pa.Array) -> pa.Array:
        return VariantValues(VariantColumn(variants).nodes(), cast).convert(target)

    name = f"from_variant_{strict}_{context.time_zone}"
    return from_python(sql, source, target, name, convert, context)


def _to_variant(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    return from_python(sql, source, target, "to_variant", built_variants(source), context)


_FROM = "boolean integral decimal fractional string binary date timestamp timestamp_ntz"

VARIANT_RULES: dict[tuple[str, str], CastRule] = {
    **{("variant", kind): _from_variant for kind in f"{_FROM} array map struct".split()},
    **{(kind, "variant"): _to_variant for kind in f"{_FROM} array".split()},
}
