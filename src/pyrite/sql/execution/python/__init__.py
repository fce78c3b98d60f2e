"""Users' Python inside queries: operators that run functions in the application's workers.

Of a stage's input, the driver makes *chunks*: Arrow files of rows, a task each. A task applies
the functions to its chunk and writes what comes out as an Arrow file too, which the driver maps.

- ``stages``: the operators
- ``pipeline``: chunks on their way through tasks, several at a time, in order
- ``chunk``: what one task reads and writes
- ``row_functions``: functions of single values, called row by row
- ``return_values``: what such a function returned, as a value of its declared type
- ``pyspark_worker``: all other kinds of functions, as PySpark's own worker calls them
- ``groups``: where a group of rows ends and the next begins
- ``settings``: the session's settings that say how functions get their data
"""
