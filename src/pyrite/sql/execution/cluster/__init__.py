"""Queries in tasks: fragments of a plan on executors, and the rows that go between them.

In the order of a query:

* ``cluster_facts``: whether a query runs in tasks, and what its planning knows besides it;
* ``query_stages``: runs the exchanges of a plan one by one, and plans the rest again after each;
* ``samples``: what filters are seen to pass, before anything runs;
* ``cluster_plan``: the fragments as they are planned before any has run, for ``explain``;
* ``kept_stages``: rows that executors keep for later queries, in the place of cached relations;
* ``task_plans``: from a plan to that of each task, with its part of the scans;
* ``assignments``: which parts of the rows of exchanges each task reads;
* ``range_bounds``: where the ranges of rows begin that are to be sorted;
* ``stage_jobs``: the jobs of a query: what they are called, how far they are, what they met;
* ``fragment_rdd``: the tasks of one exchange, as an RDD;
* ``fragment_worker``: one fragment in a worker process, by the DuckDB that the process keeps;
* ``deliveries``: where a task's rows go: into buckets for other tasks, or to the driver;
* ``stage_inputs``: the rows of exchanges as a task reads them.
"""
