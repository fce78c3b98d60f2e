"""Extraction: what is taken out of a nested value, by a field's name, an index or a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyrite.sql.analysis.calls import resolve_call
from pyrite.sql.catalog.names import quoted
from pyrite.sql.errors import Origin, analysis_error
from pyrite.sql.expressions.expression import Alias, Attribute, Expression, Literal
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.types import STRING, ArrayType, MapType, StringType, StructType, sql_name

if TYPE_CHECKING:
    from pyrite.sql.analysis.expressions import ExpressionResolver

__all__ = ["extract", "without_fields"]


def extract(
    resolver: ExpressionResolver,
    child: Expression,
    extraction: Expression,
    origin: Origin | None = None,
) -> Expression:
    """Return ``child.name``, ``child[index]`` or ``child[key]``.

    Args:
        resolver: For the call it becomes.
        child: The nested value.
        extraction: The name, as a constant text, or the index or key.
        origin: Where it is asked for.

    Raises:
        SparkError: INVALID_EXTRACT_BASE_FIELD_TYPE, FIELD_NOT_FOUND or
            AMBIGUOUS_REFERENCE_TO_FIELDS.
    """
    data_type = child.data_type
    element = data_type.elementType if isinstance(data_type, ArrayType) else None
    is_name = isinstance(extraction, Literal) and isinstance(extraction.data_type, StringType)
    if isinstance(element, StructType) and is_name:
        field = _struct_field(resolver, element, extraction, origin)
        return resolver.call("get_array_struct_fields", child, Literal(field, STRING))
    if isinstance(data_type, StructType) and is_name:
        field = _struct_field(resolver, data_type, extraction, origin)
        return resolver.call("get_struct_field", child, Literal(field, STRING))
    if isinstance(data_type, MapType):
        return resolver.call("get_map_value", child, extraction)
    if isinstance(data_type, ArrayType):
        item = UnresolvedFunction(("get_array_item",), (child, extraction), origin=origin)
        return resolve_call(resolver, item, item.arguments)
    raise analysis_error(
        "INVALID_EXTRACT_BASE_FIELD_TYPE",
        origin if is_name else None,
        base=f'"{pretty(child)}"',
        other=f'"{sql_name(data_type)}"',
    )


def _struct_field(
    resolver: ExpressionResolver, struct: StructType, extraction: Expression, origin: Origin | None
) -> str:
    fold, name = resolver.scope.fold, str(getattr(extraction, "value", ""))
    found = [field for field in struct.fieldNames() if fold(field) == fold(name)]
    if not found:
        raise analysis_error(
            "FIELD_NOT_FOUND",
            origin,
            fieldName=quoted([name]),
            fields=", ".join(quoted([field]) for field in struct.fieldNames()),
        )
    if len(found) > 1:
        raise analysis_error(
            "AMBIGUOUS_REFERENCE_TO_FIELDS", origin, field=quoted([name]), count=str(len(found))
        )
    return found[0]


def without_fields(
    resolver: ExpressionResolver, column: Expression, excluded: Sequence[tuple[str, ...]]
) -> Alias:
    """Return a struct's other fields, under its name: ``* EXCEPT (struct.field)``.

    Where the struct is null, the new one is made of nulls.

    Args:
        resolver: For the calls it becomes.
        column: The struct.
        excluded: The paths of the fields to leave out.

    Raises:
        SparkError: FIELD_NOT_FOUND.
    """
    assert isinstance(column, (Attribute, Alias))
    return Alias(_other_fields(resolver, column, excluded), column.name)


def _other_fields(
    resolver: ExpressionResolver, struct: Expression, excluded: Sequence[tuple[str, ...]]
) -> Expression:
    fold = resolver.scope.fold
    names = struct.data_type.fieldNames() if isinstance(struct.data_type, StructType) else []
    deeper: dict[str, list[tuple[str, ...]]] = {}
    for path in excluded:
        deeper.setdefault(fold(path[0]), []).append(path[1:])
        if fold(path[0]) not in map(fold, names):
            raise analysis_error(
                "FIELD_NOT_FOUND",
                fieldName=quoted([path[0]]),
                fields=", ".join(quoted([name]) for name in names),
            )
    pieces: list[Expression] = []
    for name in names:
        paths = deeper.get(fold(name), ())
        field = resolver.field(struct, name)
        if paths and all(paths):
            field = _other_fields(resolver, field, paths)
        if not paths or all(paths):
            pieces += [Literal(name, STRING), field]
    return resolver.call("named_struct", *pieces)
