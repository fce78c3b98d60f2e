"""CheckedQuery: what has been resolved, for the action that often follows at once.

The client sends a query up to three times: ``spark.sql`` has it checked, ``toArrow`` asks for its
schema, and then has it run.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from pyspark.sql.connect import proto

from pyrite.sql.query_execution import QueryExecution

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = ["CheckedQuery"]

#: Seconds for which nothing that other programs do to tables and files has to be seen.
_LONGEST = 1.0

#: Bytes of a message that are compared; larger ones have rows in them.
_LARGEST = 1 << 16


class CheckedQuery:
    """A session's latest query that was checked, until something else is run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: tuple[bytes, dict[str, str], float, QueryExecution] | None = None

    def keep(self, relation: proto.Relation, execution: QueryExecution) -> None:
        """Keep a resolved query."""
        key = _key(relation)
        settings = dict(execution.session.conf.explicit())
        with self._lock:
            self._latest = None if key is None else (key, settings, time.monotonic(), execution)

    def find(self, relation: proto.Relation) -> QueryExecution | None:
        """Return the kept query if it is this one and nothing has changed."""
        with self._lock:
            latest = self._latest
        if latest is None:
            return None
        key, settings, since, execution = latest
        is_new = time.monotonic() - since < _LONGEST
        is_same = settings == dict(execution.session.conf.explicit()) and key == _key(relation)
        return execution if is_new and is_same else None

    def take(self, relation: proto.Relation) -> QueryExecution | None:
        """Return the kept query as ``find`` does, and forget it: it runs once."""
        execution = self.find(relation)
        self.forget()
        return execution

    def forget(self) -> None:
        """Forget it: something is run that may change what names stand for."""
        with self._lock:
            self._latest = None


def _key(relation: proto.Relation) -> bytes | None:
    """Return what tells a relation from others."""
    message: Message = relation
    if relation.WhichOneof("rel_type") == "sql":
        message = relation.sql  # the client numbers the relation itself each time anew
    if message.ByteSize() > _LARGEST:
        return None
    return bytes(message.SerializeToString(deterministic=True))
