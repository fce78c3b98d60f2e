"""Functions: the registry, and one module for each family.

    registry       names to functions: built-in and registered by users
    define         the constructors families use: scalar, aggregate, window, generator
    signature      what a function takes and gives, as a line of text
    type_coercion  common types and unasked conversions
    casts          which casts there are
    macros         SQL macros that lowerings call by name
    kernels/       what DuckDB has no equal of, over Arrow arrays
    partials       aggregates in parts, and how these are merged; partial_moments: statistics
    raising        DuckDB SQL that raises one of Spark's errors

    arithmetic     + - * / % and their kin on numbers
    decimals       exact arithmetic of decimals
    datetime_arithmetic  + - * / with dates and intervals
    rounding       ceil, floor, round
    mathematics    powers, logarithms, trigonometry, numbers in other bases
    bitwise        & | ^ ~, shifts
    miscellaneous  the query and the engine; raising errors
    strings        joining, cutting, padding, searching, case
    regexps        rlike, regexp_*, split
    encodings      characters and their numbers, charsets, base 64
    text_formats   numbers as text by a format, and back
    format_strings Java's format strings as SQL
    decimal_patterns  the patterns of format_number as SQL
    number_formats the formats of to_char and to_number as SQL
    randomness     rand, randn
    hashing        hash, xxhash64, digests
    conversions    functions named after types
    predicates     comparison, and or not, in, like, null tests
    conditional    when, if, coalesce, nullif, greatest, least
    aggregates     min, max, collecting, bits and booleans; sums: sum, avg, count
    statistics_aggregates  moments, percentiles, correlation, regression
    sketches       histograms and bitmaps
    windows        ranks, and the values of rows before and after
    dates          arithmetic in days and months, parts, truncation
    timestamps     from and to parts, numbers, zones; calendar units
    datetime_texts dates and times to text and back, by patterns
    intervals      intervals of their parts
    time_windows   the stretches of time that an instant falls into
    nested_order   the order of arrays and structs with nulls inside
    collections    arrays, maps and structs: making them, reading an element, size
    arrays         searching, set operations, sorting, cutting, joining
    maps           keys, values, entries, and maps of them
    sequences      numbers, dates or times at even steps
    higher_order   lambdas over arrays and maps
    generators     functions that make rows
    json           paths in JSON texts, from and to values, schemas; json_sql: without options
    variants       from and to JSON, paths, schemas
    csv            lines of CSV from and to structs, schemas
    urls           parts of URLs, percent encoding
    xml            XPath
    files          which file a row was read from
    partitions     where a row lies
    internal       what pandas-on-Spark, the client and INSERT ask for

    datetime_columns  patterns as SQL, for letters that strftime does not know
    datetime_patterns   formatting and parsing one value; simple_date_format: as Spark 2
    constants, options, schema_arguments   what a lowering may know of its arguments

Adding a function is adding an entry to its family's ``FUNCTIONS``::

    scalar("upper(str: string) -> string", "upper({str})", "The text in upper case."),
"""
