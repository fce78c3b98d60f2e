"""Reading files into RDDs: SparkContext's input methods."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.hadoop.hadoop_conf import hadoop_conf
from pyrite.core.hadoop.input_format import find_input_format
from pyrite.core.hadoop.inputs import (
    BinaryFilesInput,
    BinaryRecordsInput,
    FormatInput,
    Input,
    TextInput,
    WholeTextInput,
)
from pyrite.core.hadoop.pickle_file import read_batches
from pyrite.core.rdd.hadoop_output import refuse_converters
from pyrite.core.rdd.input_rdd import BinaryFileRDD, HadoopRDD, NewHadoopRDD, WholeTextFileRDD
from pyrite.core.rdd.pipelined import MapPartitionsRDD, PartitionFunction
from pyrite.core.rdd.rdd import RDD
from pyrite.core.serializers.pyspark_batches import BY_SIZE

if TYPE_CHECKING:
    from pyrite.core.rdd.job_context import JobContext as _Context
else:
    _Context = object  # SparkContext, which inherits this, is one

__all__ = ["InputMethods"]

_SEQUENCE = "org.apache.hadoop.mapred.SequenceFileInputFormat"
_PICKLED_TOGETHER = 10  # by ``saveAsPickleFile``, unless told otherwise
_INPUT_DIRECTORY = "mapreduce.input.fileinputformat.inputdir"


class InputMethods(_Context):
    """Where RDDs of files come from.

    A path may be local or a URI, hold a glob, name a directory, and be several with commas
    between. What does not exist is reported when the partitions are first needed, as in Spark.
    """

    def textFile(
        self, name: str, minPartitions: int | None = None, use_unicode: bool = True
    ) -> RDD[str]:
        """Read text files as lines.

        Args:
            name: A path expression.
            minPartitions: The least number of partitions wanted; 2 by default, 1 with one core.
            use_unicode: Whether lines are strings; otherwise UTF-8 bytes.

        Example:
            >>> sc.textFile("/etc/hosts").count() > 0  # doctest: +SKIP
            True
        """
        source = TextInput(name, self._hadoop_conf(), self._min(minPartitions), use_unicode)
        return self._read(HadoopRDD(self.next_rdd_id(), source), name, batch_size=1)

    def wholeTextFiles(
        self, path: str, minPartitions: int | None = None, use_unicode: bool = True
    ) -> RDD[tuple[str, str]]:
        """Read whole text files as pairs of name and content.

        Args:
            path: A path expression.
            minPartitions: The least number of partitions wanted; 2 by default, 1 with one core.
            use_unicode: Whether both are strings; otherwise UTF-8 bytes.

        Example:
            >>> sc.wholeTextFiles("/etc/hosts").keys().collect()  # doctest: +SKIP
            ['file:/etc/hosts']
        """
        source = WholeTextInput(path, self._hadoop_conf(), self._min(minPartitions), use_unicode)
        return self._read(
            WholeTextFileRDD(self.next_rdd_id(), source), path, names_source=False, batch_size=1
        )

    def binaryFiles(self, path: str, minPartitions: int | None = None) -> RDD[tuple[str, bytes]]:
        """Read whole files as pairs of name and bytes.

        Args:
            path: A path expression.
            minPartitions: The least number of partitions wanted; a hint.

        Example:
            >>> sc.binaryFiles("/etc/hosts").keys().collect()  # doctest: +SKIP
            ['file:/etc/hosts']
        """
        parallelism = max(self.default_parallelism, self._min(minPartitions))
        source = BinaryFilesInput(path, self._hadoop_conf(), dict(self.conf), parallelism)
        node = BinaryFileRDD(self.next_rdd_id(), source)
        node.batch_size = 1
        node.set_name(path)
        return RDD(node, self)

    def binaryRecords(self, path: str, recordLength: int) -> RDD[bytes]:
        """Read files of records that all have the same number of bytes.

        Args:
            path: A path expression.
            recordLength: Bytes of a record.

        Raises:
            SparkIllegalArgumentException: If ``recordLength`` is not positive.

        Example:
            >>> sc.binaryRecords("/tmp/records", 8).first()  # doctest: +SKIP
            b'00000000'
        """
        if recordLength <= 0:
            raise SparkIllegalArgumentException(
                f"recordLength must be a positive number of bytes, but is {recordLength}."
            )
        source = BinaryRecordsInput(path, self._hadoop_conf(), recordLength)
        node = NewHadoopRDD(self.next_rdd_id(), source)
        node.set_name(path)
        return self._then(node, _unchanged, batch_size=1)

    def pickleFile(self, name: str, minPartitions: int | None = None) -> RDD[Any]:
        """Read what ``saveAsPickleFile`` wrote. Unpickling can run code: trust the files.

        Args:
            name: A path expression.
            minPartitions: The least number of partitions wanted; 2 by default, 1 with one core.

        Example:
            >>> sc.pickleFile("/tmp/things").collect()  # doctest: +SKIP
            [1, 'a']
        """
        source = FormatInput(
            name, self._hadoop_conf(), _SEQUENCE, min_partitions=self._min(minPartitions)
        )
        node = HadoopRDD(self.next_rdd_id(), source)
        node.set_name(name)
        return self._then(node, _unpickled, batch_size=_PICKLED_TOGETHER)

    def sequenceFile(
        self,
        path: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        minSplits: int | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Read sequence files as pairs.

        Args:
            path: A path expression.
            keyClass: Ignored: the files name their classes.
            valueClass: Ignored: the files name their classes.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.
            minSplits: The least number of partitions wanted; 2 by default, 1 with one core.
            batchSize: Ignored: nothing crosses from a JVM.

        Example:
            >>> sc.sequenceFile("/tmp/pairs").collect()  # doctest: +SKIP
            [(1, 'a')]
        """
        refuse_converters(keyConverter, valueConverter)
        source = FormatInput(
            path, self._hadoop_conf(), _SEQUENCE, min_partitions=self._min(minSplits)
        )
        return self._read(HadoopRDD(self.next_rdd_id(), source), path, names_result=False)

    def hadoopFile(
        self,
        path: str,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Read files of an input format of Hadoop's older API as pairs.

        Args:
            path: A path expression.
            inputFormatClass: The Java class, such as ``org.apache.hadoop.mapred.TextInputFormat``.
            keyClass: Ignored: the format decides.
            valueClass: Ignored: the format decides.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.
            conf: Hadoop settings for this call.
            batchSize: Ignored: nothing crosses from a JVM.

        Raises:
            SparkException: If the class is not known; the message lists those that are.

        Example:
            >>> text = "org.apache.hadoop.mapred.KeyValueTextInputFormat"
            >>> io = "org.apache.hadoop.io.Text"
            >>> sc.hadoopFile("/tmp/t", text, io, io).collect()  # doctest: +SKIP
            [('1', 'a')]
        """
        refuse_converters(keyConverter, valueConverter)
        settings = {**(conf or {}), _INPUT_DIRECTORY: path}
        return self._read_format(inputFormatClass, False, settings)

    def newAPIHadoopFile(
        self,
        path: str,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Read files of an input format of Hadoop's newer API as pairs.

        Args:
            path: A path expression.
            inputFormatClass: The Java class, such as
                ``org.apache.hadoop.mapreduce.lib.input.TextInputFormat``.
            keyClass: Ignored: the format decides.
            valueClass: Ignored: the format decides.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.
            conf: Hadoop settings for this call.
            batchSize: Ignored: nothing crosses from a JVM.

        Raises:
            SparkException: If the class is not known; the message lists those that are.

        Example:
            >>> text = "org.apache.hadoop.mapreduce.lib.input.TextInputFormat"
            >>> k, v = "org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text"
            >>> sc.newAPIHadoopFile("/tmp/t", text, k, v).first()  # doctest: +SKIP
            (0, '1 a')
        """
        refuse_converters(keyConverter, valueConverter)
        settings = {**(conf or {}), _INPUT_DIRECTORY: path}
        return self._read_format(inputFormatClass, True, settings)

    def hadoopRDD(
        self,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Read what settings of Hadoop's older API name.

        Args:
            inputFormatClass: The Java class.
            keyClass: Ignored: the format decides.
            valueClass: Ignored: the format decides.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.
            conf: The settings; ``mapreduce.input.fileinputformat.inputdir`` says where.
            batchSize: Ignored: nothing crosses from a JVM.

        Raises:
            SparkException: If the class is not known, or no path is set.

        Example:
            >>> conf = {"mapreduce.input.fileinputformat.inputdir": "/tmp/t"}
            >>> text = "org.apache.hadoop.mapred.TextInputFormat"
            >>> k, v = "org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text"
            >>> sc.hadoopRDD(text, k, v, conf=conf).count()  # doctest: +SKIP
            1
        """
        refuse_converters(keyConverter, valueConverter)
        return self._read_format(inputFormatClass, False, conf or {})

    def newAPIHadoopRDD(
        self,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[tuple[Any, Any]]:
        """Read what settings of Hadoop's newer API name.

        Args:
            inputFormatClass: The Java class.
            keyClass: Ignored: the format decides.
            valueClass: Ignored: the format decides.
            keyConverter: Not supported: it is Java code.
            valueConverter: Not supported: it is Java code.
            conf: The settings; ``mapreduce.input.fileinputformat.inputdir`` says where.
            batchSize: Ignored: nothing crosses from a JVM.

        Raises:
            SparkException: If the class is not known, or no path is set.

        Example:
            >>> conf = {"mapreduce.input.fileinputformat.inputdir": "/tmp/t"}
            >>> text = "org.apache.hadoop.mapreduce.lib.input.TextInputFormat"
            >>> k, v = "org.apache.hadoop.io.LongWritable", "org.apache.hadoop.io.Text"
            >>> sc.newAPIHadoopRDD(text, k, v, conf=conf).count()  # doctest: +SKIP
            1
        """
        refuse_converters(keyConverter, valueConverter)
        return self._read_format(inputFormatClass, True, conf or {})

    def _hadoop_conf(self, given: Mapping[str, str] | None = None) -> dict[str, str]:
        return hadoop_conf(self.conf, given)

    def _min(self, asked: int | None) -> int:
        return self.default_min_partitions if asked is None else asked

    def _read_format(
        self, format_class: str, is_new_api: bool, given: Mapping[str, str]
    ) -> RDD[tuple[Any, Any]]:
        find_input_format(format_class, is_new_api)  # an unknown class is refused here and now
        conf = self._hadoop_conf(given)
        paths = conf.get(_INPUT_DIRECTORY)
        if paths is None:
            raise SparkException("No input paths specified in job")
        source: Input = FormatInput(
            paths, conf, format_class, is_new_api, self.default_min_partitions
        )
        kind = NewHadoopRDD if is_new_api else HadoopRDD
        return self._read(kind(self.next_rdd_id(), source), paths, names_result=False)

    def _read(
        self,
        node: HadoopRDD,
        name: str,
        names_source: bool = True,
        names_result: bool = True,
        batch_size: int = BY_SIZE,
    ) -> RDD[Any]:
        """Hold an input the way Spark shows it: two RDDs, of records and of their Python form."""
        if names_source:
            node.set_name(name)
        result = self._then(node, _unchanged, batch_size)
        return result.setName(name) if names_result else result

    def _then(
        self, node: HadoopRDD, function: PartitionFunction, batch_size: int = BY_SIZE
    ) -> RDD[Any]:
        derived = MapPartitionsRDD(self.next_rdd_id(), node, function)
        derived.batch_size = batch_size
        return RDD(derived, self)


def _unchanged(index: int, elements: Iterator[Any]) -> Iterable[Any]:
    return elements


def _unpickled(index: int, records: Iterator[tuple[None, bytearray]]) -> Iterable[Any]:
    return chain.from_iterable(
        pickle.loads(batch) for _, record in records for batch in read_batches(record)
    )
