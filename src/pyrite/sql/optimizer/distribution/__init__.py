"""Distribution: from a plan for one DuckDB to one whose pieces run in many tasks."""
