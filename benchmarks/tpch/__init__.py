"""TPC-H: its 22 queries on Pyrite and its peers, in alternating rounds.

The folder ``queries`` has them in Spark SQL, with the specification's validation parameters.

- ``data``: the tables as Parquet, made by tpchgen-cli
- ``answers``: results made comparable between engines
- ``worker``: one engine in a process of its own, asked query by query
- ``phases``: where the time before a query runs goes
- ``__main__``: the command line: ``python -m benchmarks.tpch --help``
"""
