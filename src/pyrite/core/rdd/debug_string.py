"""``toDebugString``: the lineage as text, in Spark's layout."""

from __future__ import annotations

import re

from pyspark.storagelevel import StorageLevel

from pyrite.core.rdd.lineage import BaseRDD

__all__ = ["debug_string"]


def debug_string(root: BaseRDD) -> str:
    """Describe ``root`` and its ancestors, nearest first.

    All nodes of a stage have the same indentation; ``+-(n)`` starts the stage of ``n``
    partitions behind a shuffle. The brackets at the end show ``root``'s storage level.
    """
    level = root.storage_level
    storage = "" if level == StorageLevel.NONE else str(level)
    count, bar = _stage_head(root)
    lines = [f"{count} {_title(root, storage)}"]
    # A stack of what is still to be printed, not a recursion: a lineage may be long.
    pending = _parents(root, bar)
    while pending:
        node, prefix, behind_shuffle, is_last = pending.pop()
        if behind_shuffle:
            margin = re.sub(r"\|\s+$", "", prefix)
            count, bar = _stage_head(node)
            lines.append(f"{margin}+-{count} {_title(node, storage)}")
            prefix = margin + ("  " if is_last else "| ") + bar
        else:
            lines.append(prefix + _title(node, storage))
        pending += _parents(node, prefix)
    return "\n".join(lines)


def _title(node: BaseRDD, storage: str) -> str:
    title = f"{type(node).__name__}[{node.id()}] at {node.call_site} [{storage}]"
    return title if node.name() is None else f"{node.name()} {title}"


def _stage_head(node: BaseRDD) -> tuple[str, str]:
    """Return the number of partitions and the bar to draw below it."""
    count = f"({len(node.partitions)})"
    offset = (len(count) - 1) // 2
    return count, " " * offset + "|" + " " * (len(count) - offset)


def _parents(node: BaseRDD, prefix: str) -> list[tuple[BaseRDD, str, bool, bool]]:
    """Return the parents as they are to be printed, the first one last."""
    edges = node.dependencies
    return [(edge.rdd, prefix, edge.crosses_task, edge is edges[-1]) for edge in reversed(edges)]
