"""Analysis: names to attributes, types, coercion, Spark's errors, in one pass from the leaves.

analyzer       Analyzer: the way in, and what all handlers share
scope          what a name means where it stands
expressions    expressions, bottom-up
calls          functions: arguments checked, lambdas bound, result typed; function_settings: what
               settings change of them, session_values: those that the session knows,
               sql_functions: those written in SQL
extraction     a field, an element or a value taken out of a nested value
relations      the leaves: tables, files, VALUES, table functions, WITH
projection     SELECT lists, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT
aggregation    GROUP BY: expressions, ALL, grouping sets; time_windows: window(...)
grouping       what may stand beside GROUP BY
joins          JOIN: ON, USING, NATURAL, LATERAL, as-of
set_operations UNION, INTERSECT, EXCEPT
table_functions  users' table functions; analyze_method: what says their columns
columns        the DataFrame API's ways to add, drop, rename and fill columns
recursion      WITH RECURSIVE
sampling       sample, sampleBy, TABLESAMPLE
reshape        PIVOT, UNPIVOT, transpose
name_patterns  columns by pattern; file_metadata: the column ``_metadata``
char_padding   CHAR columns, read with spaces at their end
observed_metrics  what ``observe`` computes
statistics     describe, summary and ``df.stat``
check          what a resolved plan must not contain
"""
