"""Scan: what a plan knows of a data source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Scan"]


class Scan(Protocol):
    """What a data source hands to a ``SourceRelation``: how DuckDB reads it."""

    @property
    def name(self) -> str:
        """What ``explain`` shows, such as ``parquet`` and its paths."""

    @property
    def identity(self) -> Any:
        """What scans that read the same have in common, whatever is there when they run."""

    @property
    def paths(self) -> Sequence[str]:
        """The files, for ``inputFiles``; empty for what is not files."""

    @property
    def gives_arrow(self) -> bool:
        """Whether ``arrow`` returns batches, told without opening anything."""

    def sql(self, columns: Sequence[str], batches: str = "") -> str:
        """Return a DuckDB table expression.

        Args:
            columns: The columns that are read, by name; there may be none.
            batches: The name under which the runner registered what ``arrow`` returned.

        Returns:
            SQL for a FROM clause that gives at least these columns, under these names and in
            the DuckDB types of the schema.
        """

    def arrow(self, columns: Sequence[str]) -> pa.RecordBatchReader | None:
        """Return what ``sql`` is to read as Arrow batches, None when DuckDB reads it itself.

        The batches hold what the source can give cheaply, not the schema's columns: the SQL
        says how those are made of it.
        """
