"""Records from map tasks to reduce tasks, by key.

In the order a record travels:

* ``handle``: what driver, writer and reader agree on about one shuffle;
* ``partitioner``: which reduce partition a key belongs to;
* ``writer``: one map task's records into one file, combined and sorted into partitions;
* ``buffer_writer``: the same for records that are bytes already, written as they are;
* ``map_output_writer``: what both writers have in common;
* ``map_file``: that file's layout;
* ``map_output_tracker``: where each map task's file is;
* ``map_output_statistics``: how large the reduce partitions have become;
* ``segments``: one reduce task's part of those files, on this machine and on others;
* ``reader``: its records;
* ``joining``: two inputs joined by key;
* ``columnar``: sums, sets, groups and sorts of numeric columns, equal to the plain way;
* ``column_order``: equal numbers found, numbered and brought together;
* ``merge_loops``: the loops that fill a dictionary, by the kind of aggregation;
* ``external``: dictionaries and sorts that go on past the memory limit;
* ``spill_file``: the scratch file they go on in;
* ``memory``: how much a task has grown.
"""

from pyrite.core.shuffle.buffer_writer import BufferWriter
from pyrite.core.shuffle.handle import Aggregator, AggregatorKind, KeyOrdering, ShuffleHandle
from pyrite.core.shuffle.joining import JoinType, join
from pyrite.core.shuffle.map_file import remove_map_files
from pyrite.core.shuffle.map_output_statistics import MapOutputStatistics
from pyrite.core.shuffle.map_output_tracker import MapOutputTracker, MapStatus
from pyrite.core.shuffle.partitioner import Partitioner, RangePlacement, portable_hash
from pyrite.core.shuffle.reader import ShuffleReader, cogroup
from pyrite.core.shuffle.writer import ShuffleWriter

__all__ = [
    "Aggregator",
    "AggregatorKind",
    "BufferWriter",
    "JoinType",
    "KeyOrdering",
    "MapOutputStatistics",
    "MapOutputTracker",
    "MapStatus",
    "Partitioner",
    "RangePlacement",
    "ShuffleHandle",
    "ShuffleReader",
    "ShuffleWriter",
    "cogroup",
    "join",
    "portable_hash",
    "remove_map_files",
]
