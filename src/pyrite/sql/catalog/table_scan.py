"""A table's files: found at its location, read with its schema."""

from __future__ import annotations

from pyrite.sql.catalog.entities import CatalogTable
from pyrite.sql.conf import SQLConf
from pyrite.sql.expressions.char_types import queried_field
from pyrite.sql.expressions.expression import Attribute, new_expression_id
from pyrite.sql.plans.plan import SourceRelation
from pyrite.sql.sources.registry import resolve_table
from pyrite.sql.types import StructType

__all__ = ["table_relation"]


def table_relation(
    table: CatalogTable, options: dict[str, str], conf: SQLConf, name: tuple[str, ...]
) -> SourceRelation:
    """Return the relation that reads a table.

    Args:
        table: The table.
        options: The reader's own, over the table's.
        conf: The session's settings.
        name: What its columns are qualified with.
    """
    assert table.location is not None
    assert table.provider is not None
    schema = StructType([queried_field(field) for field in table.schema.fields])
    scan = resolve_table(
        table.provider,
        schema,
        table.partition_columns,
        [*table.options.items(), *options.items()],
        table.location,
        conf,
    )
    attributes = tuple(
        Attribute(f.name, f.dataType, True, new_expression_id(), name, f.metadata or None)
        for f in schema.fields
    )
    return SourceRelation(attributes, scan, name)
