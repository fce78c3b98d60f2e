"""SQL: from text or a plan to Arrow batches.

The path of a query, from the last module to the first that it needs:

    query_execution   the whole path on one page
    execution/        fragments, DuckDB, Python workers, commands
    optimizer/        rewrites of a resolved plan; RULES says which, in order
    analysis/         names to attributes, types, coercion, Spark's errors
    session_state     what one session has: settings, catalog, functions
    parser/           SQL text to an unresolved plan
    catalog/          databases, tables, views, temporary views
    sources/          file formats: what a scan reads, what a write leaves
    plans/            the logical operators
    functions/        the registry: one entry is the whole truth of a function
    expressions/      the expression tree
    types             Spark's data types, their names and their Arrow forms
    conf              the settings of a session; conf_entries lists them
    tree              what plans and expressions share
    errors            AnalysisException and the others; error_conditions lists them
    user_failure      how a user's function failed, without the engine's lines
    duckdb_text       names and strings quoted for DuckDB
    time_zones        time zones by name, and as text
"""
