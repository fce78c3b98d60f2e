"""Distribution: from a plan for one DuckDB to one whose pieces run in many tasks.

``prepare`` is the list of the rules, ``ensure_requirements`` puts exchanges into what they give.

Plain trees      inline_ctes, rewrite_subqueries: predicate_subqueries, scalar_subqueries,
                 pullup_correlated, domain_join, outer_references, new_ids
Conditions       push_predicates: disjunctions, eliminate_outer_join, infer_filters
Columns          prune_columns
Joins            reorder_joins: join_order, equivalences; inject_runtime_filter
Sizes            cardinality: estimates, selectivity
First rows       insert_window_group_limits
Leaves           leaves, prune_partitions, prune_row_groups
Pieces           ensure_requirements: placement, place_join, clustering, partial_aggregates;
                 splittable_stages: whose large partitions several tasks may share
"""
