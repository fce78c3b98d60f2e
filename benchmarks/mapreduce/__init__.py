"""Word count by two Python scripts: ``pyrite mapreduce`` beside the shell's own pipeline.

- ``scripts/``: the mapper and the reducer, as everybody writes them
- ``commands``: what is run, and what came out
- ``page``: docs/mapreduce-benchmarks.md
- ``__main__``: the command line: ``python -m benchmarks.mapreduce --help``
"""
