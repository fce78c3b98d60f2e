"""CheckedQuery: what ``spark.sql`` has resolved, for the action that often follows at once.

The client sends the text of a query twice: ``spark.sql`` has it checked, ``collect`` runs it.
"""

from __future__ import annotations

import threading
import time

from pyspark.sql.connect import proto

from pyrite.sql.query_execution import QueryExecution

__all__ = ["CheckedQuery"]

#: Seconds for which nothing that other programs do to tables and files has to be seen.
_LONGEST = 1.0


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

    def take(self, relation: proto.Relation) -> QueryExecution | None:
        """Return the kept query if it is this one and nothing has changed, and forget it."""
        with self._lock:
            latest, self._latest = self._latest, None
        if latest is None:
            return None
        key, settings, since, execution = latest
        is_new = time.monotonic() - since < _LONGEST
        is_same = settings == dict(execution.session.conf.explicit()) and key == _key(relation)
        return execution if is_new and is_same else None

    def forget(self) -> None:
        """Forget it: something is run that may change what names stand for."""
        with self._lock:
            self._latest = None


def _key(relation: proto.Relation) -> bytes | None:
    """Return what tells a relation of SQL text from others: the client numbers each time anew."""
    if relation.WhichOneof("rel_type") != "sql":
        return None
    return bytes(relation.sql.SerializeToString(deterministic=True))
