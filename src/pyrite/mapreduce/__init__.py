"""MapReduce: programs that map records to keys and reduce the values of each key.

- ``counters``: named amounts that tasks count up, and Hadoop's text of them.
- ``hadoop_streaming``: any executable as mapper and reducer, as Hadoop Streaming runs them.
"""
