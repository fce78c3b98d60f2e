"""Data sources: what files hold and how DuckDB reads them, one module per format.

From a read to a scan:
    registry            the formats by name; resolve: from a read to its schema and its scan
    options             options by name in any case
    file_index          the files of a read, and the columns their directories make
    partitions          ``column=value`` directories
    file_format         what one kind of file is to the rest
    splits              a scan as several that read its rows together

The formats:
    parquet, parquet_schema, parquet_statistics, row_groups
    csv, csv_options, csv_records, csv_plain, csv_inference
    json, json_values, json_inference
    text
    orc, binary_file
    arrow_scan          files that Python opens

From rows to files:
    writer              a save, all of it or nothing
    file_output         how one format writes
    partition_split     rows to partition directories
    buckets             rows to the files of a table that is cut by a hash
    columnar_writer     Parquet and ORC
    text_writer         CSV, JSON and text; text_output: from values to text

What they share:
    lines               text files as lines; line_blocks: at Arrow's speed
    inferred_schemas    schemas found in files, remembered
    text_values         from texts to values
    duckdb_patterns     patterns of dates and times as SQL
    parse_mode          what is done with bad records
    column_defaults     what rows have that were stored before their column
    schema_merging      one schema for many files
    probe               small queries for inference
"""
