"""Saving an RDD to files: the ``saveAs`` methods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from pyrite.core.errors import PySparkNotImplementedError, SparkException
from pyrite.core.hadoop.codecs import find_codec
from pyrite.core.hadoop.hadoop_conf import hadoop_conf
from pyrite.core.hadoop.output_format import (
    KEY_CLASS,
    OUTPUT_DIRECTORY,
    VALUE_CLASS,
    compression_settings,
    find_output_format,
    output_codec,
    write_lines,
)
from pyrite.core.hadoop.output_job import OutputJob, TaskOutput, make_committer
from pyrite.core.hadoop.pickle_file import pickle_batches, write_batches
from pyrite.core.hadoop.writable import writable_for
from pyrite.core.rdd.handle import RDDHandle

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext

__all__ = ["HadoopOutput", "refuse_converters"]

T_co = TypeVar("T_co", covariant=True)

_TEXT = "org.apache.hadoop.mapred.TextOutputFormat"
_NEW_TEXT = "org.apache.hadoop.mapreduce.lib.output.TextOutputFormat"
_SEQUENCE = "org.apache.hadoop.mapred.SequenceFileOutputFormat"
_BATCHES_PER_RECORD = 10


class HadoopOutput(RDDHandle[T_co]):
    """Saving to files, with Hadoop's names, formats and two-phase commit.

    Every method writes one file per partition into a new directory, ends with an empty file
    ``_SUCCESS``, and raises FileAlreadyExistsException if the directory is there already.
    """

    def saveAsTextFile(self, path: str, compressionCodecClass: str | None = None) -> None:
        """Save each element as a line: strings and bytes as they are, others by ``str``.

        Args:
            path: The directory to create.
            compressionCodecClass: A codec's Java class, or a short name such as ``gzip``.

        Example:
            >>> sc.parallelize(["a", "b"], 2).saveAsTextFile("/tmp/letters")  # doctest: +SKIP
        """
        conf = hadoop_conf(self.ctx.conf)
        codec = find_codec(compressionCodecClass) if compressionCodecClass else output_codec(conf)
        suffix = codec.extension if codec else ""
        self._save(
            OutputJob(
                make_committer(path, conf),
                partial(_part_name, suffix),
                write_lines,
                codec,
            )
        )

    def saveAsPickleFile(self, path: str, batchSize: int = 10) -> None:
        """Save the elements pickled, in a sequence file that ``pickleFile`` reads.

        Args:
            path: The directory to create.
            batchSize: How many elements to pickle together; 0 chooses by their size.

        Example:
            >>> sc.parallelize([1, "a"]).saveAsPickleFile("/tmp/things")  # doctest: +SKIP
        """
        conf = hadoop_conf(self.ctx.conf) | {
            KEY_CLASS: "org.apache.hadoop.io.NullWritable",
            VALUE_CLASS: "org.apache.hadoop.io.BytesWritable",
        }
        self._save(
            OutputJob(
                make_committer(path, conf),
                partial(_part_name, ""),
                partial(_write_pickles, conf, batchSize),
            )
        )

    def saveAsSequenceFile(self, path: str, compressionCodecClass: str | None = None) -> None:
        """Save pairs in a sequence file; the first one decides on the classes.

        Args:
            path: The directory to create.
            compressionCodecClass: A codec's Java class, or a short name; blocks of records are
                compressed with it.

        Example:
            >>> sc.parallelize([(1, "a")]).saveAsSequenceFile("/tmp/pairs")  # doctest: +SKIP
        """
        self.saveAsHadoopFile(path, _SEQUENCE, compressionCodecClass=compressionCodecClass)

    def saveAsHadoopFile(
        self,
        path: str,
        outputFormatClass: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
        compressionCodecClass: str | None = None,
    ) -> None:
        """Save pairs in an output format of Hadoop's older API.

        Args:
            path: The directory to create.
            outputFormatClass: The Java class, such as
                ``org.apache.hadoop.mapred.TextOutputFormat``.
            keyClass: Writable class of the keys; by default that of the first key.
            valueClass: The same for the values.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.
            conf: Hadoop settings for this call.
            compressionCodecClass: A codec's Java class, or a short name.

        Example:
            >>> text = "org.apache.hadoop.mapred.TextOutputFormat"
            >>> sc.parallelize([(1, "a")]).saveAsHadoopFile("/tmp/t", text)  # doctest: +SKIP
        """
        refuse_converters(keyConverter, valueConverter)
        settings = {OUTPUT_DIRECTORY: path}
        if compressionCodecClass:
            settings |= compression_settings(compressionCodecClass)
        self._save_pairs(outputFormatClass, False, keyClass, valueClass, conf, settings)

    def saveAsNewAPIHadoopFile(
        self,
        path: str,
        outputFormatClass: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
    ) -> None:
        """Save pairs in an output format of Hadoop's newer API.

        Args:
            path: The directory to create.
            outputFormatClass: The Java class, such as
                ``org.apache.hadoop.mapreduce.lib.output.TextOutputFormat``.
            keyClass: Writable class of the keys; by default that of the first key.
            valueClass: The same for the values.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.
            conf: Hadoop settings for this call.

        Example:
            >>> text = "org.apache.hadoop.mapreduce.lib.output.TextOutputFormat"
            >>> sc.parallelize([(1, "a")]).saveAsNewAPIHadoopFile("/tmp/t", text)  # doctest: +SKIP
        """
        refuse_converters(keyConverter, valueConverter)
        settings = {OUTPUT_DIRECTORY: path}
        self._save_pairs(outputFormatClass, True, keyClass, valueClass, conf, settings)

    def saveAsHadoopDataset(
        self,
        conf: Mapping[str, str],
        keyConverter: str | None = None,
        valueConverter: str | None = None,
    ) -> None:
        """Save pairs as settings of Hadoop's older API say.

        Args:
            conf: The settings: ``mapred.output.format.class``,
                ``mapreduce.output.fileoutputformat.outputdir``, ``mapreduce.job.output.key.class``
                and so on.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.

        Example:
            >>> conf = {"mapreduce.output.fileoutputformat.outputdir": "/tmp/t"}
            >>> sc.parallelize([(1, "a")]).saveAsHadoopDataset(conf)  # doctest: +SKIP
        """
        refuse_converters(keyConverter, valueConverter)
        self._save_pairs(conf.get("mapred.output.format.class", _TEXT), False, None, None, conf)

    def saveAsNewAPIHadoopDataset(
        self,
        conf: Mapping[str, str],
        keyConverter: str | None = None,
        valueConverter: str | None = None,
    ) -> None:
        """Save pairs as settings of Hadoop's newer API say.

        Args:
            conf: The settings: ``mapreduce.job.outputformat.class``,
                ``mapreduce.output.fileoutputformat.outputdir``, ``mapreduce.job.output.key.class``
                and so on.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.

        Example:
            >>> conf = {"mapreduce.output.fileoutputformat.outputdir": "/tmp/t"}
            >>> sc.parallelize([(1, "a")]).saveAsNewAPIHadoopDataset(conf)  # doctest: +SKIP
        """
        refuse_converters(keyConverter, valueConverter)
        format_class = hadoop_conf({}, conf).get("mapreduce.job.outputformat.class", _NEW_TEXT)
        self._save_pairs(format_class, True, None, None, conf)

    def _save_pairs(
        self,
        format_class: str,
        is_new_api: bool,
        key_class: str | None,
        value_class: str | None,
        given: Mapping[str, str] | None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Save with an output format.

        Args:
            format_class: Its Java class.
            is_new_api: Which of Hadoop's two APIs it is of.
            key_class: Class of the keys, if the caller named it.
            value_class: Class of the values, if the caller named it.
            given: The settings of the call.
            settings: What the method itself adds to them.
        """
        output_format = find_output_format(format_class, is_new_api)
        conf = hadoop_conf(self.ctx.conf, given) | dict(settings or {})
        if output_format.write is None:
            self._run_per_partition(_consume)
            return
        directory = conf.get(OUTPUT_DIRECTORY)
        if not directory:
            raise SparkException(f"Output directory not set{'' if is_new_api else ' in JobConf'}.")
        key_class = key_class or conf.get(KEY_CLASS)
        value_class = value_class or conf.get(VALUE_CLASS)
        if key_class is None or value_class is None:
            key, value = _as_pair(self._first_element())
            key_class = key_class or writable_for(key).class_name
            value_class = value_class or writable_for(value).class_name
        conf |= {KEY_CLASS: key_class, VALUE_CLASS: value_class}
        codec = output_codec(conf)
        job = OutputJob(
            make_committer(directory, conf, is_new_api),
            partial(output_format.file_name, codec=codec),
            partial(_write_pairs, format_class, is_new_api, conf),
            codec if output_format.compresses_whole else None,
        )
        self._save(job, shown_path=directory if is_new_api else None)

    def _first_element(self) -> Any:
        for partition in range(self.getNumPartitions()):
            (head,) = self._run(_head, [partition])
            if head:
                return head[0]
        raise SparkException("empty collection")

    def _save(self, job: OutputJob, shown_path: str | None = None) -> None:
        tasks = partial(self._run, partial(_write_task, job))
        job.run(tasks, self.ctx.conf, shown_path)


def refuse_converters(key_converter: str | None, value_converter: str | None) -> None:
    """Refuse Java converters, which cannot run here.

    Raises:
        PySparkNotImplementedError: If one is given; the message names the argument.
    """
    for name, converter in (("keyConverter", key_converter), ("valueConverter", value_converter)):
        if converter:
            raise PySparkNotImplementedError(
                message=f"{name}={converter!r} is a Java class, and Pyrite runs no JVM. Convert "
                "the records with map() instead."
            )


def _part_name(suffix: str, partition: int) -> str:
    return f"part-{partition:05d}{suffix}"


def _write_task(job: OutputJob, context: TaskContext, elements: Iterator[Any]) -> TaskOutput:
    output = job.write_task(context.partitionId(), context.taskAttemptId(), elements)
    context.metrics.output_records_written += output.records
    context.metrics.output_bytes_written += output.size
    return output


def _head(context: TaskContext, elements: Iterator[Any]) -> list[Any]:
    return list(islice(elements, 1))


def _consume(elements: Iterable[Any]) -> None:
    for _ in elements:
        pass


def _as_pair(element: Any) -> tuple[Any, Any]:
    if isinstance(element, tuple | list) and len(element) == 2:
        return element[0], element[1]
    raise SparkException(f"RDD element of type {type(element).__name__} cannot be used")


def _write_pairs(
    format_class: str,
    is_new_api: bool,
    conf: Mapping[str, str],
    file: BinaryIO,
    elements: Iterable[Any],
) -> int:
    write = find_output_format(format_class, is_new_api).write
    assert write is not None
    return write(file, map(_as_pair, elements), conf)


def _write_pickles(
    conf: Mapping[str, str], batch_size: int, file: BinaryIO, elements: Iterable[Any]
) -> int:
    """Write records of up to ten pickled batches, as Spark does, and count the elements."""
    count = 0

    def counted() -> Iterator[Any]:
        nonlocal count
        for element in elements:
            count += 1
            yield element

    batches = pickle_batches(counted(), batch_size)
    records = iter(lambda: list(islice(batches, _BATCHES_PER_RECORD)), [])
    _write_pairs(_SEQUENCE, False, conf, file, ((None, write_batches(group)) for group in records))
    return count
