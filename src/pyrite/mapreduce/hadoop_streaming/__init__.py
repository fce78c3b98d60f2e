"""Hadoop Streaming without Hadoop: any executable as mapper and reducer.

What a job is:
- ``options``: the options of the streaming jar, read and made a job.
- ``usage``: what there is to say about them.
- ``stream_job``: the job that they mean.
- ``job_conf``: its properties, with their defaults.
- ``property_names``: the old names of properties.
- ``class_names``: the Java classes that options may name.

What runs it:
- ``reporter``: the lines of stderr that are for the framework.
- ``child_process``: a task's command, fed, read, watched and never left behind.
- ``task_environment``: the variables that its commands see.
- ``working_directory``: the directory they run in, with the files of the job.
- ``failed_task``: what is left of a task that failed for good, to repeat it by hand.
- ``debug_script``: the script that looks at a failed attempt.
- ``key_value_text``: records as lines, as most commands read and write them.
- ``raw_bytes``, ``typed_bytes``: records whose keys and values may be any bytes.
- ``line_counts``: equal lines of a command's output, counted.
- ``records``: a batch of keys and values in columns, equal records counted.
- ``blocks``: chunks of bytes put together, and the endings of lines.
- ``byte_columns``: columns of byte strings cut, joined and searched.
- ``key_fields``: parts of keys, as ``-k2,2nr`` names them.
- ``number_text``: numbers as bytes in their order.
- ``partitioners``: which reducer a record goes to.
- ``comparators``: the order in which records reach it.
- ``row_order``: rows ordered by columns of byte strings.
- ``sorting``: more records in order than memory may hold.
- ``aggregate``: the reducer that needs no program.
- ``encodings``: how records are written for a command, and read from it.
- ``inputs``: splits of files, and what mappers get of them.
- ``outputs``: what writes the output directory.
- ``task_attempt``: one try at a task.
- ``map_task``, ``reduce_task``: a job's tasks on the RDD engine.
- ``runner``: the job.
"""
