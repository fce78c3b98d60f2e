"""Users' Python inside queries: operators that run functions in the application's workers.

Of a stage's input, the driver makes *chunks*: Arrow files of rows, a task each. A task applies
the functions to its chunk and writes what comes out as an Arrow file too, which the driver maps.

- ``stages``, ``group_stages``, ``window_stage``, ``table_stage``: the operators
- ``pipeline``: chunks on their way through tasks, several at a time, in order
- ``chunk``: what one task reads and writes
- ``works``: what a task does for each kind of call
- ``row_functions``: functions of single values, called row by row
- ``return_values``: what such a function returned, as a value of its declared type
- ``column_functions``, ``table_functions``: all other kinds, by PySpark's own worker code
- ``worker_protocol``: that worker's commands and data
- ``groups``, ``cogroups``: where a group of rows ends and the next begins
- ``arrow_batches``, ``output``: rows on their way to tasks and back
- ``settings``: the session's settings that say how functions get their data
"""
