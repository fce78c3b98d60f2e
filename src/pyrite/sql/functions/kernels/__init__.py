"""Kernels: what DuckDB has no equal of, computed over Arrow arrays or one value at a time.

datetime_text   dates and timestamps from text in Spark's lenient formats
mapping         a function of one value, applied to an Arrow array
java_regex      Java's regular expressions as Python's
characters      the characters of all texts as one array
texts           functions of texts: letters' case, masks, sounds, distances
charsets        text to bytes of a charset and back
base32          bytes in base 32
radix           numbers from one base to another
rows            a function of one row's values, as a lowering
murmur3         Spark's hash function
xxhash64        Spark's 64-bit hash function
hash_columns    hashes of rows of any types
java_random     Java's and Spark's random numbers
java_format     Java's format strings that are no constants, and its patterns of numbers
"""
