"""Clustering: the columns a table's rows belong together by; Spark keeps them as a property.

The files are not arranged by them: like Spark's own file formats, those here only remember it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pyrite.sql.errors import analysis_error

__all__ = ["NO_CLUSTERING", "clustering_columns", "clustering_property"]

_KEY = "clusteringColumns"

#: The property of a table that has been clustered and is no more.
NO_CLUSTERING = ((_KEY, "[]"),)


def clustering_property(
    columns: Sequence[tuple[str, ...]], has_partitions: bool, has_buckets: bool
) -> tuple[tuple[str, str], ...]:
    """Return the property that says what a table is clustered by; nothing for no columns.

    Args:
        columns: The columns, by the parts of their names.
        has_partitions: Whether the table is to be partitioned as well.
        has_buckets: Whether it is to have buckets as well.

    Raises:
        SparkError: If clustering is asked for together with either.

    Example:
        >>> clustering_property([("a",), ("b", "c")], False, False)
        (('clusteringColumns', '[["a"],["b","c"]]'),)
    """
    if not columns:
        return ()
    if has_partitions:
        raise analysis_error("SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED")
    if has_buckets:
        raise analysis_error("SPECIFY_CLUSTER_BY_WITH_BUCKETING_IS_NOT_ALLOWED")
    return ((_KEY, json.dumps([list(parts) for parts in columns], separators=(",", ":"))),)


def clustering_columns(properties: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return what a table with these properties is clustered by."""
    return [tuple(parts) for parts in json.loads(properties.get(_KEY, "[]"))]
