"""ParserSettings: what a session says about SQL text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyrite.sql.conf import SESSION_TIME_ZONE, SQLConf
from pyrite.sql.types import TIMESTAMP, TIMESTAMP_NTZ, DataType

if TYPE_CHECKING:
    from pyrite.sql.expressions.expression import Expression

__all__ = ["DEFAULT_SETTINGS", "ParserSettings"]


@dataclass(frozen=True, slots=True)
class ParserSettings:
    """What a session says about SQL text, and the arguments of ``spark.sql``.

    Attributes:
        time_zone: The zone of TIMESTAMP literals that name none.
        timestamp_type: What ``TIMESTAMP`` means: with time zone, or without.
        double_quoted_identifiers: Whether ``"a"`` is a name rather than a string.
        set_operations_from_left: Whether INTERSECT binds no tighter than UNION.
        reserved_words: Whether the reserved words of ANSI SQL are no names.
        join_before_comma: Whether JOIN binds tighter than a comma in FROM.
        strings_as_written: Whether strings have no escapes.
        char_as_varchar: Whether CHAR means VARCHAR.
        regex_columns: Whether a name in backquotes may be a pattern of names in SELECT.
        having_as_where: Whether HAVING without GROUP BY filters rows.
        variable: Returns the value of ``${key}``; None where these are not looked for.
        named: Values of ``:name``; a parameter without a value stays a ``NamedParameter``.
        positional: Values of ``?``; without any, an ``OrdinalParameter`` stays.
        held_by: The kind and the name of what has the text, such as a view.
    """

    time_zone: str = "UTC"
    timestamp_type: DataType = TIMESTAMP
    double_quoted_identifiers: bool = False
    set_operations_from_left: bool = False
    reserved_words: bool = False
    join_before_comma: bool = False
    strings_as_written: bool = False
    char_as_varchar: bool = False
    regex_columns: bool = False
    having_as_where: bool = False
    variable: Callable[[str], str | None] | None = None
    named: Mapping[str, Expression] = field(default_factory=dict, hash=False)
    positional: Sequence[Expression] = ()
    held_by: tuple[str, str] = ("", "")

    @classmethod
    def of(
        cls,
        conf: SQLConf,
        named: Mapping[str, Expression] | None = None,
        positional: Sequence[Expression] = (),
        held_by: tuple[str, str] = ("", ""),
    ) -> ParserSettings:
        """Read a session's settings.

        Args:
            conf: The session's settings.
            named: Values of ``:name``.
            positional: Values of ``?``.
            held_by: The kind and the name of what has the text.
        """
        ntz = (conf.get("spark.sql.timestampType") or "").upper() == "TIMESTAMP_NTZ"

        def flag(key: str) -> bool:
            return (conf.get(f"spark.sql.{key}") or "").lower() == "true"

        ansi = flag("ansi.enabled")
        return cls(
            time_zone=conf.read(SESSION_TIME_ZONE),
            timestamp_type=TIMESTAMP_NTZ if ntz else TIMESTAMP,
            double_quoted_identifiers=ansi and flag("ansi.doubleQuotedIdentifiers"),
            reserved_words=ansi and flag("ansi.enforceReservedKeywords"),
            join_before_comma=ansi and flag("ansi.relationPrecedence"),
            set_operations_from_left=flag("legacy.setopsPrecedence.enabled"),
            strings_as_written=flag("parser.escapedStringLiterals"),
            char_as_varchar=flag("charAsVarchar"),
            regex_columns=flag("parser.quotedRegexColumnNames"),
            having_as_where=flag("legacy.parser.havingWithoutGroupByAsWhere"),
            variable=conf.get if flag("variable.substitute") else None,
            named=named or {},
            positional=positional,
            held_by=held_by,
        )


DEFAULT_SETTINGS = ParserSettings()
