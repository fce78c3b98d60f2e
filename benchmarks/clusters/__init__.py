"""Clusters of two machines of one core, beside the same programs and queries on two local cores.

- ``nodes``: two Ray nodes on this machine
- ``page``: docs/clusters-benchmarks.md
- ``engines``: TPC-H's engines, as one process each
- ``worker``: such a process
- ``results``: which answers are right, and what the engines' times come to
- ``tpch``: the command line of TPC-H: ``python -m benchmarks.clusters.tpch --help``
- ``__main__``: the command line of RDD programs: ``python -m benchmarks.clusters --help``
"""
