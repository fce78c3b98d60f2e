"""Expressions: what computes a value from a row.

function      Function: the entry of a registry, with everything there is to know of it
expression    resolved expressions: attributes, literals, calls, casts, subqueries, windows
unresolved    what the parser and the client write before names are looked up
cast_nullability  which casts may give null
char_types    CHAR and VARCHAR: types of tables' columns alone
number_text   floating point numbers as Java writes them
interval_text intervals from and to text
pretty        an expression as SQL text, for column names and messages
"""
