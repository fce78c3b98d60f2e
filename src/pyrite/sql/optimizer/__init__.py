"""The optimizer: rewrites of a resolved plan.

optimizer          the rules, in order
use_cached         kept rows in the place of what made them
known_membership   IN and NOT IN are never unknown
subqueries_once    the values of subqueries that functions read, as columns
limit_observed     no more rows pass ``observe`` than are wanted above it
tell_files         each row's file; number_partitions: its partition
extract_python     calls of users' Python as operators: extraction, python_operators,
                   python_aggregates, python_windows; prune_python: none that nobody reads
row_order          small results in Spark's order: row_places, aggregate_order
partitioning       the partitions that Spark would make of a plan; partition_numbers: of each row
sizes              how large plans are thought to be; join_strategy: which join that makes
conditions         the parts of conditions
distribution       from a plan for one DuckDB to one for many tasks
"""
