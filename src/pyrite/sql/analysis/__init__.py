"""Analysis: names to attributes, types, coercion, Spark's errors, in one pass from the leaves.

analyzer       Analyzer: the way in, and what all handlers share
scope          what a name means where it stands
expressions    expressions, bottom-up
calls          functions: arguments checked, lambdas bound, result typed
relations      the leaves: tables, files, VALUES, table functions, WITH
projection     SELECT lists, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT
grouping       what may stand beside GROUP BY
joins          JOIN: ON, USING, NATURAL, LATERAL, as-of
set_operations UNION, INTERSECT, EXCEPT
columns        the DataFrame API's ways to add, drop, rename and fill columns
recursion      WITH RECURSIVE
sampling       sample, sampleBy, TABLESAMPLE
reshape        PIVOT, UNPIVOT, transpose
statistics     describe, summary and ``df.stat``
check          what a resolved plan must not contain
"""
