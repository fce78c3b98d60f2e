"""DataFrames: what PySpark programs do with them beside TPC-H, in alternating rounds.

- ``cases``: the patterns, as plain PySpark code, and what is expected of them
- ``worker``: one engine in a process of its own, asked case by case
- ``__main__``: the command line: ``python -m benchmarks.frames --help``
"""
