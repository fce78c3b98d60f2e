"""Hadoop Streaming without Hadoop: any executable as mapper and reducer.

- ``reporter``: the lines of stderr that are for the framework.
- ``child_process``: a task's command, fed, read, watched and never left behind.
"""
