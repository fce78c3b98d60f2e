"""Pyrite: Apache Spark's engine in Python, with no JVM."""
