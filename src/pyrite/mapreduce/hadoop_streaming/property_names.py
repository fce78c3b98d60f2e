"""The old names of a job's properties, which still work.

Hadoop renamed most properties in version 2, and scripts go by either name. Properties that files
and formats read have their old names in ``pyrite.core.hadoop.hadoop_conf``.
"""

from __future__ import annotations

from pyrite.core.hadoop.hadoop_conf import DEPRECATED_NAMES

__all__ = ["DEPRECATED", "current_name"]

#: Old name -> the name it has now.
DEPRECATED = {
    **DEPRECATED_NAMES,
    "fs.default.name": "fs.defaultFS",
    "io.sort.factor": "mapreduce.task.io.sort.factor",
    "io.sort.mb": "mapreduce.task.io.sort.mb",
    "job.local.dir": "mapreduce.job.local.dir",
    "keep.failed.task.files": "mapreduce.task.files.preserve.failedtasks",
    "keep.task.files.pattern": "mapreduce.task.files.preserve.filepattern",
    "map.input.file": "mapreduce.map.input.file",
    "map.input.length": "mapreduce.map.input.length",
    "map.input.start": "mapreduce.map.input.start",
    "map.output.key.field.separator": "mapreduce.map.output.key.field.separator",
    "mapred.cache.archives": "mapreduce.job.cache.archives",
    "mapred.cache.files": "mapreduce.job.cache.files",
    "mapred.cache.localArchives": "mapreduce.job.cache.local.archives",
    "mapred.cache.localFiles": "mapreduce.job.cache.local.files",
    "mapred.compress.map.output": "mapreduce.map.output.compress",
    "mapred.inmem.merge.threshold": "mapreduce.reduce.merge.inmem.threshold",
    "mapred.jar": "mapreduce.job.jar",
    "mapred.job.id": "mapreduce.job.id",
    "mapred.job.map.memory.mb": "mapreduce.map.memory.mb",
    "mapred.job.name": "mapreduce.job.name",
    "mapred.job.priority": "mapreduce.job.priority",
    "mapred.job.queue.name": "mapreduce.job.queuename",
    "mapred.job.reduce.input.buffer.percent": "mapreduce.reduce.input.buffer.percent",
    "mapred.job.reduce.memory.mb": "mapreduce.reduce.memory.mb",
    "mapred.job.shuffle.input.buffer.percent": "mapreduce.reduce.shuffle.input.buffer.percent",
    "mapred.job.shuffle.merge.percent": "mapreduce.reduce.shuffle.merge.percent",
    "mapred.job.tracker": "mapreduce.jobtracker.address",
    "mapred.lazy.output.format": "mapreduce.output.lazyoutputformat.outputformat",
    "mapred.linerecordreader.maxlength": "mapreduce.input.linerecordreader.line.maxlength",
    "mapred.local.dir": "mapreduce.cluster.local.dir",
    "mapred.map.child.env": "mapreduce.map.env",
    "mapred.map.child.java.opts": "mapreduce.map.java.opts",
    "mapred.map.child.log.level": "mapreduce.map.log.level",
    "mapred.map.max.attempts": "mapreduce.map.maxattempts",
    "mapred.map.output.compression.codec": "mapreduce.map.output.compress.codec",
    "mapred.map.task.debug.script": "mapreduce.map.debug.script",
    "mapred.map.tasks": "mapreduce.job.maps",
    "mapred.map.tasks.speculative.execution": "mapreduce.map.speculative",
    "mapred.mapoutput.key.class": "mapreduce.map.output.key.class",
    "mapred.mapoutput.value.class": "mapreduce.map.output.value.class",
    "mapred.max.map.failures.percent": "mapreduce.map.failures.maxpercent",
    "mapred.max.reduce.failures.percent": "mapreduce.reduce.failures.maxpercent",
    "mapred.min.split.size.per.node": "mapreduce.input.fileinputformat.split.minsize.per.node",
    "mapred.min.split.size.per.rack": "mapreduce.input.fileinputformat.split.minsize.per.rack",
    "mapred.output.key.comparator.class": "mapreduce.job.output.key.comparator.class",
    "mapred.output.value.groupfn.class": "mapreduce.job.output.group.comparator.class",
    "mapred.reduce.child.env": "mapreduce.reduce.env",
    "mapred.reduce.child.java.opts": "mapreduce.reduce.java.opts",
    "mapred.reduce.child.log.level": "mapreduce.reduce.log.level",
    "mapred.reduce.max.attempts": "mapreduce.reduce.maxattempts",
    "mapred.reduce.parallel.copies": "mapreduce.reduce.shuffle.parallelcopies",
    "mapred.reduce.slowstart.completed.maps": "mapreduce.job.reduce.slowstart.completedmaps",
    "mapred.reduce.task.debug.script": "mapreduce.reduce.debug.script",
    "mapred.reduce.tasks": "mapreduce.job.reduces",
    "mapred.reduce.tasks.speculative.execution": "mapreduce.reduce.speculative",
    "mapred.task.id": "mapreduce.task.attempt.id",
    "mapred.task.is.map": "mapreduce.task.ismap",
    "mapred.task.partition": "mapreduce.task.partition",
    "mapred.task.timeout": "mapreduce.task.timeout",
    "mapred.text.key.comparator.options": "mapreduce.partition.keycomparator.options",
    "mapred.text.key.partitioner.options": "mapreduce.partition.keypartitioner.options",
    "mapred.tip.id": "mapreduce.task.id",
    "mapred.work.output.dir": "mapreduce.task.output.dir",
    "mapred.working.dir": "mapreduce.job.working.dir",
    "mapreduce.partitioner.class": "mapreduce.job.partitioner.class",
    "user.name": "mapreduce.job.user.name",
}


def current_name(name: str) -> str:
    """Return the name that a property has now.

    Example:
        >>> current_name("mapred.reduce.tasks")
        'mapreduce.job.reduces'
        >>> current_name("my.own")
        'my.own'
    """
    return DEPRECATED.get(name, name)
