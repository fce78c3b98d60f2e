"""A statement's arguments, and the shape of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import DataType, StructField, StructType, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Arguments", "Handler", "answer", "columns", "nothing"]


class Arguments:
    """The arguments of a ``CatalogStatement`` or a ``CatalogCall``.

    Args:
        items: Names and values.
        child: The query the statement is about, if any.
    """

    def __init__(self, items: Iterable[tuple[str, Any]], child: LogicalPlan | None = None) -> None:
        self._items = dict(items)
        self.child = child

    def get(self, name: str) -> Any:
        """Return an argument, None where it was not given."""
        return self._items.get(name)

    def flag(self, name: str) -> bool:
        """Return whether a flag was given."""
        return bool(self._items.get(name))

    def name(self, key: str = "name") -> tuple[str, ...]:
        """Return a name as its parts."""
        value = self._items.get(key) or ()
        return (value,) if isinstance(value, str) else tuple(value)

    def pairs(self, name: str) -> dict[str, str]:
        """Return options or properties."""
        return dict(self._items.get(name) or ())


#: Runs one statement in a session and returns its rows.
Handler = Callable[[SessionState, Arguments], "pa.Table"]


def columns(*fields: tuple[str, DataType, bool]) -> StructType:
    """Return an answer's columns from names, types and whether they may be null."""
    return StructType([StructField(name, kind, nullable) for name, kind, nullable in fields])


def answer(schema: StructType, rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Return an answer's rows as an Arrow table."""
    import pyarrow as pa

    target = to_arrow_schema(schema)
    listed = list(rows)
    arrays = [
        pa.array([row[index] for row in listed], field.type) for index, field in enumerate(target)
    ]
    return pa.Table.from_arrays(arrays, schema=target)


def nothing() -> pa.Table:
    """Return the answer of a statement that has none."""
    import pyarrow as pa

    return pa.table({})
