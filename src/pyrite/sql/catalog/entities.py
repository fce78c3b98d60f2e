"""Databases, tables and functions as the metastore keeps them."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pyrite.sql.types import StructType

__all__ = ["CatalogFunction", "CatalogTable", "Database"]


@dataclass(frozen=True)
class Database:
    """A database, also called schema or namespace.

    Attributes:
        location: URI of the directory its managed tables are in.
    """

    name: str
    location: str
    comment: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    owner: str = ""


@dataclass(frozen=True)
class CatalogTable:
    """A table or a view.

    Attributes:
        kind: "MANAGED", "EXTERNAL" or "VIEW".
        schema: The columns, those of the partitions last.
        provider: The format; None for a view.
        location: URI of its directory; None for a view.
        bucket: (number, bucket columns, sort columns).
        view_text: A view's query.
        view_namespace: The catalog and the database that names in the query are looked up in.
        created: When, in seconds since 1970.
        statistics: Size in bytes and number of rows, if they were computed.
    """

    database: str
    name: str
    kind: str
    schema: StructType
    provider: str | None = None
    partition_columns: tuple[str, ...] = ()
    bucket: tuple[int, tuple[str, ...], tuple[str, ...]] | None = None
    location: str | None = None
    options: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    comment: str | None = None
    view_text: str | None = None
    view_namespace: tuple[str, ...] = ()
    view_query_columns: tuple[str, ...] = ()
    created: float = field(default_factory=time.time)
    statistics: dict[str, int] = field(default_factory=dict)

    @property
    def is_view(self) -> bool:
        """Whether it is a view."""
        return self.kind == "VIEW"

    @property
    def data_schema(self) -> StructType:
        """The columns that are in files."""
        return StructType([f for f in self.schema.fields if f.name not in self.partition_columns])

    @property
    def partition_schema(self) -> StructType:
        """The columns that directories make."""
        return StructType([f for f in self.schema.fields if f.name in self.partition_columns])

    @property
    def full_name(self) -> tuple[str, str, str]:
        """The name with its database and catalog."""
        return ("spark_catalog", self.database, self.name)

    def to_json(self) -> str:
        """Return the definition as text, to be read by ``from_json``."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps({**values, "schema": self.schema.jsonValue()})

    @staticmethod
    def from_json(text: str) -> CatalogTable:
        """Read what ``to_json`` wrote."""
        values: dict[str, Any] = json.loads(text)
        bucket = values.pop("bucket")
        table = CatalogTable(
            **{
                **values,
                "schema": StructType.fromJson(values["schema"]),
                "partition_columns": tuple(values["partition_columns"]),
                "view_namespace": tuple(values["view_namespace"]),
                "view_query_columns": tuple(values["view_query_columns"]),
            }
        )
        if bucket is None:
            return table
        return replace(table, bucket=(bucket[0], tuple(bucket[1]), tuple(bucket[2])))


@dataclass(frozen=True)
class CatalogFunction:
    """A stored function, usually written in SQL.

    Attributes:
        parameters: The parameters as text, such as ``x INT``.
        returns: The result's type as text, or "".
        body: The SQL of the result.
        is_table: Whether the body is a query.
        class_name: A Java class in the place of a body; such a function is known, but cannot
            be called.
    """

    database: str
    name: str
    parameters: str
    returns: str
    body: str
    is_table: bool = False
    comment: str | None = None
    class_name: str | None = None

    def to_json(self) -> str:
        """Return the definition as text, to be read by ``from_json``."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> CatalogFunction:
        """Read what ``to_json`` wrote."""
        return CatalogFunction(**json.loads(text))
