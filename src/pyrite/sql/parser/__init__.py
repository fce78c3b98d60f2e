"""The parser: SQL text to an unresolved plan.

Text is cut into tokens by sqlglot's tokenizer and read by a grammar of Spark's own: Spark's
operators bind otherwise than any grammar of several dialects has them, and Spark reserves no
word. Each module adds its part of the grammar to the one below it::

    parse           the entrances: parse_statement, parse_expression, parse_data_type, ...
    statements      commands
    pipes           |> steps
    queries         WITH, SELECT, set operations, GROUP BY, ORDER BY, LIMIT
    relations       FROM: tables, joins, VALUES, table functions, samples, pivots
    special_forms   functions with a grammar of their own
    expressions     names, constants, calls, CASE, windows
    operators       operators, predicates, what follows a value
    rows            (a, b) and struct(a, b)
    literals        numbers, typed literals; with datetimes, intervals and strings
    types           data types and schemas
    properties      (key = value, ...)
    identifiers     names in texts that are no SQL
    reader          the place in the text
    variables       settings in the text: ${key}
    tokens          words, literals and signs
    words           words with a part to play
    errors          what is wrong, and where
    settings        what a session says about SQL text
"""

from pyrite.sql.parser.parse import (
    parse_data_type,
    parse_expression,
    parse_identifier,
    parse_schema,
    parse_statement,
    parse_statements,
)
from pyrite.sql.parser.settings import ParserSettings

__all__ = [
    "ParserSettings",
    "parse_data_type",
    "parse_expression",
    "parse_identifier",
    "parse_schema",
    "parse_statement",
    "parse_statements",
]
