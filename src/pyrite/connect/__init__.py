"""What makes the official client package and Pyrite's engine one PySpark.

- ``pyspark_names``: the names installed into ``pyspark``, the only place that touches that
  package's attributes
"""
