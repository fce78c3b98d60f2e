"""Words with a part to play in the grammar; none is reserved."""

from __future__ import annotations

__all__ = ["CLAUSE_WORDS", "QUERY_WORDS", "STRICT_NON_RESERVED", "TIME_UNITS"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words of joins and set operations: they may name a column, but no table and no alias.
STRICT_NON_RESERVED = _words(
    "ANTI CROSS EXCEPT FULL INNER INTERSECT JOIN LATERAL LEFT MINUS NATURAL ON RIGHT SEMI UNION "
    "USING"
)

#: Words that go on with the statement behind an expression; an alias of that name needs AS.
CLAUSE_WORDS = STRICT_NON_RESERVED | _words(
    "AND AS ASC BETWEEN CLUSTER DESC DISTRIBUTE DIV ELSE END ESCAPE FOR FROM GROUP HAVING IN IS "
    "LIKE ILIKE LIMIT NOT NULLS OFFSET OR ORDER PIVOT QUALIFY REGEXP RLIKE ROWS RANGE SELECT SET "
    "SORT TABLESAMPLE THEN UNPIVOT WHEN WHERE WINDOW WITH"
)

#: Words that begin a query.
QUERY_WORDS = _words("SELECT WITH VALUES FROM TABLE")

#: Units of TIMESTAMPADD and TIMESTAMPDIFF.
TIME_UNITS = _words(
    "YEAR QUARTER MONTH WEEK DAY DAYOFYEAR HOUR MINUTE SECOND MILLISECOND MICROSECOND"
)
