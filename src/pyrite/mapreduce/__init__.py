"""MapReduce: programs that map records to keys and reduce the values of each key.

Programs import from here. What they write:

- ``tasks``: ``Mapper``, ``Reducer`` and ``Combiner``, the classes to inherit
- ``job``: ``run`` and ``Job``, which run them
- ``plan``: ``Step``: which of them belong together, and all there is to know of a job
- ``encodings``: how pairs are written as lines: ``Text``, ``KeyValueText``, ``Json``, ``Pickle``
- ``counters``: named amounts that tasks count up, and Hadoop's text of them
- ``errors``: what such programs do wrong

How it runs:

- ``command_line``: the command line of such a program
- ``stages``: its mapper or reducer as a program between two pipes
- ``runners``: which runner a name stands for
- ``inline``: all tasks in this process
- ``workers``: tasks on the workers of a SparkContext
- ``phases``: the loops that all runners share
- ``output``: pairs as lines of files

What people see of it:

- ``watcher``: stages, counters and status of such a program
- ``task_reporter``: what its tasks on workers say
- ``live_values``: how what running tasks tell of themselves is called
- ``console``: Hadoop's log lines, and a line of life below them
- ``progress``: what a stream job's console says, from the engine's events

And without classes:

- ``hadoop_streaming``: any executable as mapper and reducer, as Hadoop Streaming runs them
"""

from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.encodings import Encoding, Json, KeyValueText, Pickle, Text
from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.job import Job, run
from pyrite.mapreduce.plan import Result, Step
from pyrite.mapreduce.tasks import Combiner, Mapper, Reducer

__all__ = [
    "Combiner",
    "Counters",
    "Encoding",
    "Job",
    "Json",
    "KeyValueText",
    "MapReduceError",
    "Mapper",
    "Pickle",
    "Reducer",
    "Result",
    "Step",
    "Text",
    "run",
]
