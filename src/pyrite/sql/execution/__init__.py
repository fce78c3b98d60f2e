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
cast_sql         casts as DuckDB SQL: cast_numbers, cast_datetimes, cast_variants by cast_rules
analyze          plans that only the data can resolve
engine           the one DuckDB database of an application: made for its first query
planner          cuts a plan where DuckDB cannot go on; fragment_writer makes the fragments
run              a plan's rows as Arrow batches; arrow_values: into DuckDB and out of it;
                 ready_rows: rows that need no query
cluster          fragments in tasks, and the rows between them
stage            what stages that are not SQL work with: ``python``, sampling, observation,
                 placed_rows, and picture, which draws by ``show`` with value_text
commands         which of the ``statements`` runs; immediate: EXECUTE IMMEDIATE
explain          a query in the modes of ``explain``; plan_text: a plan as text
error_places     which expressions may fail; error_probe: which one did
hive_text        values as the SQL shell prints them
"""
