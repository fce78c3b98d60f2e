"""The options of Hadoop's streaming jar: read from a command line, and made a job.

The options are a table. Generic options (``-D``, ``-files``, ...) are taken anywhere, where
Hadoop wants them first; every option may be written with two dashes.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.mapreduce.hadoop_streaming import class_names
from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf, read_configuration
from pyrite.mapreduce.hadoop_streaming.stream_job import (
    AGGREGATE_COMBINER,
    AGGREGATE_REDUCER,
    Command,
    Encodings,
    JavaClass,
    Program,
    StreamJob,
    split_command,
)

__all__ = ["OPTIONS", "Option", "OptionError", "Options", "check_files", "read_options"]

_ENCODINGS = ("text", "rawbytes", "typedbytes")


class OptionError(SparkIllegalArgumentException):
    """A command line that means no job; the message says what is wrong and what would be right."""


@dataclass(frozen=True)
class Option:
    """One option of the command line.

    Attributes:
        name: The option, without its dash.
        section: Under which heading the usage shows it; None for old options that it leaves out.
        metavar: What follows it; empty for a switch.
        help: What it does, in a line.
        takes_many: Whether all words up to the next option are its values.
        instead: What to write today in place of an old option.
    """

    name: str
    section: str | None
    metavar: str = ""
    help: str = ""
    takes_many: bool = False
    instead: str | None = None


_JOB = "The job"
_RECORDS = "Records"
_TASKS = "What tasks find"
_SETTINGS = "Settings"
_COMMAND = "This command"

#: Every option, in the order in which the usage shows them.
OPTIONS = (
    Option(
        "input", _JOB, "PATH", "What to read: a file, directory or glob; may be repeated.", True
    ),
    Option("output", _JOB, "DIR", "The directory to make; it must not be there yet."),
    Option(
        "mapper", _JOB, "COMMAND", "Gets the input's lines on stdin. Without it they just pass."
    ),
    Option(
        "reducer",
        _JOB,
        "COMMAND",
        "Gets sorted key<TAB>value lines. 'aggregate' sums up by itself; NONE means no reduce.",
    ),
    Option(
        "combiner", _JOB, "COMMAND", "A reducer for each map task's own output, to shuffle less."
    ),
    Option("numReduceTasks", _JOB, "N", "How many reducers, and so output files: 1 if not given."),
    Option(
        "inputformat",
        _RECORDS,
        "CLASS",
        "TextInputFormat, KeyValueTextInputFormat, NLineInputFormat, SequenceFileAsText...",
    ),
    Option("outputformat", _RECORDS, "CLASS", "TextOutputFormat or SequenceFileOutputFormat."),
    Option(
        "partitioner",
        _RECORDS,
        "CLASS",
        "Which reducer gets a key: HashPartitioner or KeyFieldBasedPartitioner.",
    ),
    Option("io", _RECORDS, "ENCODING", "How commands see records: text, rawbytes or typedbytes."),
    Option("lazyOutput", _RECORDS, help="Make no file for a task that writes nothing."),
    Option("files", _TASKS, "FILE,...", "Files to put into each task's directory, as FILE#NAME."),
    Option("archives", _TASKS, "FILE,...", "Archives to unpack there, as FILE#NAME."),
    Option("libjars", _TASKS, "FILE,...", "Accepted, and ignored: there is no JVM."),
    Option("cmdenv", _TASKS, "NAME=VALUE", "A variable for the commands; may be repeated."),
    Option("mapdebug", _TASKS, "COMMAND", "Run this when a map task has failed."),
    Option("reducedebug", _TASKS, "COMMAND", "Run this when a reduce task has failed."),
    Option("D", _SETTINGS, "NAME=VALUE", "A property of Hadoop or, as spark.*, of the engine."),
    Option("conf", _SETTINGS, "FILE", "Properties in Hadoop's XML; -D wins over them."),
    Option("fs", _SETTINGS, "URI", "The file system of paths that name none: fs.defaultFS."),
    Option("jt", _SETTINGS, "ADDRESS", "Accepted, and ignored: -D spark.master=... says where."),
    Option("background", _COMMAND, help="Accepted; the command waits for the job all the same."),
    Option("verbose", _COMMAND, help="Show what the job is made of."),
    Option("info", _COMMAND, help="Tell about properties and examples, too."),
    Option("help", _COMMAND, help="Show this."),
    Option("file", None, "FILE", takes_many=True, instead="-files"),
    Option("cacheFile", None, "URI", takes_many=True, instead="-files"),
    Option("cacheArchive", None, "URI", takes_many=True, instead="-archives"),
    Option("jobconf", None, "NAME=VALUE", instead="-D"),
    Option("dfs", None, "URI", instead="-fs"),
    Option("inputreader", None, "SPEC"),
    Option("debug", None),
)
_BY_NAME = {option.name: option for option in OPTIONS}


@dataclass(frozen=True)
class Options:
    """What stands on a command line.

    Attributes:
        values: All values of each option that was given, in order; switches have none.
        warnings: One sentence for each old option.
    """

    values: Mapping[str, tuple[str, ...]]
    warnings: tuple[str, ...] = ()

    @property
    def wants_help(self) -> bool:
        """Whether the usage is to be shown, and no job to be run."""
        return "help" in self.values or self.wants_info

    @property
    def wants_info(self) -> bool:
        """Whether it is to be shown in full."""
        return "info" in self.values

    def first(self, name: str) -> str | None:
        """Return an option's value; the first one counts, as in Hadoop."""
        return next(iter(self.values.get(name, ())), None)

    def listed(self, *names: str) -> tuple[str, ...]:
        """Return what comma-separated lists name."""
        return tuple(
            item
            for name in names
            for text in self.values.get(name, ())
            for item in text.split(",")
            if item
        )

    def job(self, properties: Mapping[str, str] = MappingProxyType({})) -> StreamJob:
        """Return the job that the options mean.

        Args:
            properties: Properties that are known beside them, such as those of a
                core-site.xml; all others win.

        Raises:
            OptionError: If they mean none.
            SparkIllegalArgumentException: If a property has a value that cannot be used.
        """
        return _JobMaker(self, JobConf(properties)).job()


def read_options(words: Sequence[str]) -> Options:
    """Return what stands on a command line.

    Args:
        words: The words after ``hadoop jar ...-streaming.jar``.

    Raises:
        OptionError: If there is a word that is no option, or an option without its value.

    Example:
        >>> read_options(["-D", "a=1", "-input", "x", "y", "-Db=2"]).values
        {'D': ('a=1', 'b=2'), 'input': ('x', 'y')}
    """
    values: dict[str, list[str]] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if word.startswith("-D") and len(word) > 2:
            word, left = "-D", [word[2:], *left]
        option = _BY_NAME.get(_name(word))
        if option is None:
            raise _not_an_option(word)
        given = values.setdefault(option.name, [])
        if not option.metavar:
            continue
        if not left or _is_option(left[0]):
            raise OptionError(f"-{option.name} needs a value: -{option.name} {option.metavar}.")
        given.append(left.pop(0))
        while option.takes_many and left and not left[0].startswith("-"):
            given.append(left.pop(0))
    return Options(
        {name: tuple(given) for name, given in values.items()},
        tuple(
            f"-{name} option is deprecated, please use {instead} instead."
            for name in values
            if (instead := _BY_NAME[name].instead)
        ),
    )


def check_files(job: StreamJob) -> None:
    """Check that the local files which a job brings are there.

    Raises:
        OptionError: If one is not.
    """
    for option, paths in (("files", job.files), ("archives", job.archives)):
        for path in paths:
            name = path.partition("#")[0].removeprefix("file://")
            if "://" not in name and not os.path.exists(name.removeprefix("file:")):
                raise OptionError(f"-{option}: '{name}' does not exist.")


def _name(word: str) -> str:
    if not word.startswith("-"):
        return ""
    return word[2:] if word.startswith("--") else word[1:]


def _is_option(word: str) -> bool:
    return _name(word) in _BY_NAME


def _not_an_option(word: str) -> OptionError:
    if not word.startswith("-"):
        return OptionError(
            f"'{word}' belongs to no option. A command with arguments is one word: "
            f'-mapper "python3 mapper.py {word}".'
        )
    by_lower = {option.name.lower(): option.name for option in OPTIONS if option.section}
    near = difflib.get_close_matches(_name(word).lower(), by_lower, n=1, cutoff=0.5)
    remedy = f"Did you mean -{by_lower[near[0]]}?" if near else "-help lists the options."
    return OptionError(f"Unrecognized option: {word}. {remedy}")


@dataclass
class _JobMaker:
    """Makes the job of a command line, of which each method knows one side."""

    options: Options
    conf: JobConf
    _said: dict[str, str] = field(default_factory=dict)

    def job(self) -> StreamJob:
        options = self.options
        self._read_properties()
        if options.first("inputreader") is not None:
            raise OptionError(
                "-inputreader is not supported: it names a Java class. Let the mapper cut its "
                "records, with -inputformat org.apache.hadoop.mapred.TextInputFormat."
            )
        mapper = self._program("mapper", class_names.MAPPERS)
        combiner = self._program("combiner", class_names.COMBINERS)
        has_reduce = options.first("reducer") != "NONE"
        reducer = self._program("reducer", class_names.REDUCERS) if has_reduce else None
        if reducer == JavaClass(AGGREGATE_REDUCER):
            combiner = JavaClass(AGGREGATE_COMBINER)
        job = StreamJob(
            inputs=tuple(self._required("input")),
            output=self._required("output")[0],
            mapper=mapper,
            reducer=reducer,
            combiner=combiner,
            partitioner=self._class("partitioner", class_names.PARTITIONERS, _PARTITIONER),
            comparator=self._comparator(),
            num_reduces=self._num_reduces(has_reduce),
            input_format=self._class("inputformat", class_names.INPUT_FORMATS),
            output_format=self._class("outputformat", class_names.OUTPUT_FORMATS),
            io=self._io(),
            files=options.listed("files", "file", "cacheFile"),
            archives=options.listed("archives", "cacheArchive"),
            libjars=options.listed("libjars"),
            environment=tuple(self._pairs("cmdenv")),
            lazy_output="lazyOutput" in options.values,
            map_debug=options.first("mapdebug"),
            reduce_debug=options.first("reducedebug"),
            verbose="verbose" in options.values,
            background="background" in options.values,
        )
        return _with_conf(job, self.conf.with_properties(self._said))

    def _read_properties(self) -> None:
        for path in self.options.values.get("conf", ()):
            self.conf = self.conf.with_properties(read_configuration(path))
        given = dict(self._pairs("D", "jobconf"))
        default_fs = self.options.first("fs") or self.options.first("dfs")
        if default_fs is not None:
            given["fs.defaultFS"] = "file:///" if default_fs == "local" else default_fs
        self.conf = self.conf.with_properties(given)

    def _required(self, name: str) -> tuple[str, ...]:
        values = self.options.values.get(name)
        if not values:
            raise OptionError(f"Required argument: -{name} {_BY_NAME[name].metavar}.")
        return values

    def _pairs(self, *names: str) -> Iterable[tuple[str, str]]:
        for name in names:
            for text in self.options.values.get(name, ()):
                key, equals, value = text.partition("=")
                if not equals or not key.strip():
                    raise OptionError(f"-{name} {text}: write it as name=value.")
                yield key.strip(), value

    def _program(self, name: str, known: Mapping[str, str]) -> Program | None:
        text = self.options.first(name)
        if text is None:
            return None
        java_class = class_names.find(text, known)
        if java_class is not None:
            return None if java_class in class_names.IDENTITIES else JavaClass(java_class)
        words = split_command(text)
        if not words:
            raise OptionError(f"-{name} is empty; give the command to run.")
        if class_names.looks_like_java(words[0]):
            raise _unknown_class(f"-{name}", text, known)
        return Command((self._shipped(words[0]), *words[1:]))

    def _shipped(self, program: str) -> str:
        """Return what tasks call a program: of a file that goes with them, its name there."""
        place = os.path.realpath(program)
        for file in self.options.listed("files", "file"):
            path, _, name = file.removeprefix("file://").partition("#")
            if os.path.realpath(path) == place:
                return name or os.path.basename(path)
        return program

    def _class(self, option: str, known: Mapping[str, str], properties: Sequence[str] = ()) -> str:
        text, origin = self.options.first(option), f"-{option}"
        for name in properties:
            if text is None and self.conf.is_given(name):
                text, origin = self.conf[name], name
        if text is None:
            return next(iter(known.values()))
        java_class = class_names.find(text, known)
        if java_class is None:
            raise _unknown_class(origin, text, known)
        return java_class

    def _comparator(self) -> str | None:
        name = "mapreduce.job.output.key.comparator.class"
        if not self.conf.is_given(name):
            return None
        java_class = class_names.find(self.conf[name], class_names.COMPARATORS)
        if java_class is None:
            raise _unknown_class(name, self.conf[name], class_names.COMPARATORS)
        return java_class

    def _num_reduces(self, has_reduce: bool) -> int:
        text = self.options.first("numReduceTasks")
        if text is not None:
            if not text.isdecimal():
                raise OptionError(f"-numReduceTasks {text}: this must be a whole number from 0 on.")
            self._said["mapreduce.job.reduces"] = text
        if not has_reduce:
            self._said["mapreduce.job.reduces"] = "0"
        conf = self.conf.with_properties(self._said)
        return conf.integer("mapreduce.job.reduces", least=0)

    def _io(self) -> Encodings:
        everywhere = self.options.first("io")

        def encoding(side: str) -> str:
            name = f"stream.{side}"
            text = everywhere or self.conf[name]
            if text not in _ENCODINGS:
                origin = f"-io {text}" if everywhere else f"{name}={text}"
                raise OptionError(f"{origin}: this must be one of {', '.join(_ENCODINGS)}.")
            self._said[name] = text
            return text

        return Encodings(
            *map(encoding, ("map.input", "map.output", "reduce.input", "reduce.output"))
        )


#: The properties that say what -partitioner says.
_PARTITIONER = ("mapred.partitioner.class", "mapreduce.job.partitioner.class")

#: What options say, as properties that commands find in their environment.
_SAID: Mapping[str, Callable[[StreamJob], str]] = {
    "mapreduce.job.name": lambda job: job.name,
    "mapreduce.input.fileinputformat.inputdir": lambda job: ",".join(job.inputs),
    "mapreduce.output.fileoutputformat.outputdir": lambda job: job.output,
    "mapred.input.format.class": lambda job: job.input_format,
    "mapred.output.format.class": lambda job: job.output_format,
    "mapreduce.job.reduces": lambda job: str(job.num_reduces),
}


def _with_conf(job: StreamJob, conf: JobConf) -> StreamJob:
    job = replace(job, conf=conf)
    return replace(
        job, conf=conf.with_properties({name: value(job) for name, value in _SAID.items()})
    )


def _unknown_class(origin: str, name: str, known: Mapping[str, str]) -> OptionError:
    return OptionError(
        f"{origin} : class not found : {name}. Java classes do not run here; known by name are "
        f"{', '.join(dict.fromkeys(known.values()))}."
    )
