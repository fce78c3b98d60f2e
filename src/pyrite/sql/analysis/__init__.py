"""Analysis: names to attributes, types, coercion, Spark's errors."""
