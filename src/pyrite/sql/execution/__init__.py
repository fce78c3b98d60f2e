"""Execution: from a resolved plan to Arrow batches.

expression_sql   an expression as DuckDB SQL
select           one SELECT statement while it grows
relation_sql     operators as DuckDB SQL
fragment         Fragment: a piece of a plan that is one DuckDB query
operation        all that one call of a client runs, to be watched and stopped as one
duckdb_runner    the DuckDB database of an application, and running fragments on it
stoppable_connection  a DuckDB connection that another thread can stop for good
duckdb_errors    DuckDB's errors as Spark's
kept_rows        rows that outlive a query: cached and checkpointed DataFrames
cast_sql         casts as DuckDB SQL
"""
