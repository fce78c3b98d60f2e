"""Kernels: what DuckDB has no equal of, computed over Arrow arrays.

buffers         columns of bytes as numpy arrays
datetime_text   dates and timestamps from text in Spark's lenient formats
mapping         a function of one value, applied to an Arrow array
java_regex      Java's regular expressions as Python's
characters      the characters of all texts as one array
texts           functions of texts: letters' case, masks, sounds, distances
charsets        text to bytes of a charset and back
base32          bytes in base 32
radix           numbers from one base to another
rows            a function of one row's values, as a lowering
text_values     texts in their usual forms to values of a type
csv_columns     lines of CSV to columns of texts; csv_text: one odd line, and its fields
variant_nodes   variants as a table of all their values, which these read and write:
                json_nodes, variant_decoding, variant_building; variant_encoding, variant_json,
                variant_schemas, variant_values, json_values (both by node_values)
variant_binary  one variant's bytes, where its values are no usual ones; variant_trees and
                variant_casts: its JSON, its type, its values
json_columns    plain JSON documents by Arrow's reader
json_documents  one odd document of JSON; json_paths, json_reading, json_schemas, json_writing
xpath           one document of XML
crc32           checksums
murmur3         Spark's hash function
xxhash64        Spark's 64-bit hash function
hash_columns    hashes of rows of any types; unsafe_rows: as Spark lays these out
count_min       count-min sketches; distinct_counts: HyperLogLog; numeric_histogram: few bins
java_random     Java's and Spark's random numbers
java_format     Java's format strings that are no constants, and its patterns of numbers
"""
