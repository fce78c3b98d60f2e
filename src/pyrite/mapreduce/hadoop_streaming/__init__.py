"""Hadoop Streaming without Hadoop: any executable as mapper and reducer.

What a job is:
- ``options``: the options of the streaming jar, read and made a job.
- ``stream_job``: the job that they mean.
- ``job_conf``: its properties, with their defaults.
- ``property_names``: the old names of properties.
- ``class_names``: the Java classes that options may name.

What runs it:
- ``reporter``: the lines of stderr that are for the framework.
- ``child_process``: a task's command, fed, read, watched and never left behind.
"""
