"""Names: how they are shown, and the patterns of SHOW statements."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pyrite.sql.errors import analysis_error

__all__ = ["CATALOG", "check_name", "matches", "quoted"]

#: The name of the only catalog.
CATALOG = "spark_catalog"


def quoted(parts: Iterable[str]) -> str:
    """Show a name with its parts in backquotes.

    Example:
        >>> quoted(("db", "my table"))
        '`db`.`my table`'
    """
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def check_name(name: str) -> None:
    """Refuse a name that no table, view or database may have.

    Raises:
        SparkError: INVALID_SCHEMA_OR_RELATION_NAME.
    """
    if not re.fullmatch(r"\w+", name, re.ASCII):
        raise analysis_error("INVALID_SCHEMA_OR_RELATION_NAME", name=quoted((name,)))


def matches(name: str, pattern: str | None) -> bool:
    """Return whether a name fits a pattern of ``*`` and alternatives, in any case.

    Example:
        >>> matches("Orders", "ord*|x"), matches("a", None)
        (True, True)
    """
    if pattern is None:
        return True
    for choice in pattern.strip().split("|"):
        expression = choice.strip().replace("*", ".*")
        try:
            if re.fullmatch(expression, name, re.IGNORECASE):
                return True
        except re.error:
            continue
    return False
