"""Pyrite against PySpark: the same programs, in turn, on the same machine.

``python -m benchmarks --help`` tells how to run it. In the order of a run:

- ``__main__``: the command line
- ``catalogue``: which programs there are, what they read, and what is expected of them
- ``data``: the input files, made from a seed
- ``engines``: the two Python environments
- ``rounds``: runs programs in alternating rounds, and checks that both engines agree
- ``supervised``: starts one process of a round under ``supervise``
- ``supervise``: one process, to its very end, and what its whole process tree cost
- ``case``: inside that process: a context, a warm-up job, the program and its measured sections
- ``process_tree``: CPU time and memory of a process and all its descendants
- ``table``: medians, ratios and the table of them
- ``page``: docs/benchmarks.md

``tpch`` and ``frames`` compare queries and DataFrame programs, with more peers. Their engines keep
running and are asked case by case:

- ``sessions``: a SparkSession on each engine
- ``peer``: an engine in a process of its own

``clusters`` has the same on two Ray nodes, beside other engines' clusters. ``mapreduce`` counts
words by two scripts, beside a pipeline of the shell.

``programs/`` holds the programs. They are plain PySpark code and do not know which engine runs
them.
"""
