"""What a command line of the streaming jar means: a job, before anything of it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf

__all__ = [
    "AGGREGATE_COMBINER",
    "AGGREGATE_REDUCER",
    "HASH_PARTITIONER",
    "IDENTITY_MAPPER",
    "IDENTITY_REDUCER",
    "KEY_FIELD_COMPARATOR",
    "KEY_FIELD_PARTITIONER",
    "NULL_OUTPUT",
    "TEXT_INPUT",
    "TEXT_OUTPUT",
    "Command",
    "Encodings",
    "JavaClass",
    "Program",
    "StreamJob",
    "split_command",
]

_MAPRED = "org.apache.hadoop.mapred."
IDENTITY_MAPPER = _MAPRED + "lib.IdentityMapper"
IDENTITY_REDUCER = _MAPRED + "lib.IdentityReducer"
AGGREGATE_REDUCER = _MAPRED + "lib.aggregate.ValueAggregatorReducer"
AGGREGATE_COMBINER = _MAPRED + "lib.aggregate.ValueAggregatorCombiner"
HASH_PARTITIONER = _MAPRED + "lib.HashPartitioner"
KEY_FIELD_PARTITIONER = _MAPRED + "lib.KeyFieldBasedPartitioner"
KEY_FIELD_COMPARATOR = _MAPRED + "lib.KeyFieldBasedComparator"
TEXT_INPUT = _MAPRED + "TextInputFormat"
#: The formats whose records are lines, with their offsets as keys.
_LINES = (TEXT_INPUT, _MAPRED + "lib.NLineInputFormat")
TEXT_OUTPUT = _MAPRED + "TextOutputFormat"
NULL_OUTPUT = _MAPRED + "lib.NullOutputFormat"


def split_command(text: str) -> tuple[str, ...]:
    r"""Return the words of a command, as Hadoop cuts it: no shell is asked.

    Spaces separate words, and only they. What is in quotes of either kind is one word, also in
    the middle of other text, which it cuts; there is no escaping, nor are there empty words.

    Example:
        >>> split_command('''sh -c "sort | uniq" --by='a b' ''')
        ('sh', '-c', 'sort | uniq', '--by=', 'a b')
    """
    words = []
    word: list[str] = []
    quote = ""
    for character in text:
        if character == quote or (not quote and character in "'\" "):
            if word:
                words.append("".join(word))
                word = []
            quote = "" if quote or character == " " else character
        else:
            word.append(character)
    if word:
        words.append("".join(word))
    return tuple(words)


@dataclass(frozen=True)
class Command:
    """A mapper, combiner or reducer that is a command.

    Attributes:
        words: The program and its arguments.
    """

    words: tuple[str, ...]


@dataclass(frozen=True)
class JavaClass:
    """A combiner or reducer that is one of Hadoop's own classes.

    Attributes:
        name: The class: ``AGGREGATE_REDUCER`` or ``AGGREGATE_COMBINER``.
    """

    name: str


Program = Command | JavaClass


@dataclass(frozen=True)
class Encodings:
    """How records are written for commands, and read from them.

    Each is ``text``, ``rawbytes`` or ``typedbytes``.
    """

    map_input: str = "text"
    map_output: str = "text"
    reduce_input: str = "text"
    reduce_output: str = "text"


@dataclass(frozen=True)
class StreamJob:
    """One job of Hadoop Streaming.

    Attributes:
        inputs: Paths, directories or globs; each may be several with commas between them.
        output: The directory to make.
        mapper: What runs over the input; None where the records pass unchanged.
        reducer: What runs over the sorted records; None where they pass unchanged.
        combiner: What runs over each map task's own sorted records first; None for nothing.
        partitioner: The class that chooses each record's reducer: ``HASH_PARTITIONER`` or
            ``KEY_FIELD_PARTITIONER``.
        comparator: The class that orders keys: ``KEY_FIELD_COMPARATOR``, or None for the order
            of their bytes.
        num_reduces: How many reduce tasks; with 0 the mapper's output is the job's.
        input_format: The class of the input format, of Hadoop's old API.
        output_format: The class of the output format, of Hadoop's old API.
        io: How records are written for commands.
        files: Files that tasks find in their directory, ``path`` or ``path#name``.
        archives: Archives that tasks find unpacked there, ``path`` or ``path#name``.
        libjars: Jars, which are accepted and ignored.
        environment: Variables for commands, of ``-cmdenv``.
        lazy_output: Whether tasks that write nothing make no file.
        map_debug: The command to run when a map task has failed.
        reduce_debug: The command to run when a reduce task has failed.
        verbose: Whether to tell more.
        background: Whether the command is not to wait for the job's end.
        conf: The properties, with what the options say among them.
    """

    inputs: tuple[str, ...]
    output: str
    mapper: Program | None = None
    reducer: Program | None = None
    combiner: Program | None = None
    partitioner: str = HASH_PARTITIONER
    comparator: str | None = None
    num_reduces: int = 1
    input_format: str = TEXT_INPUT
    output_format: str = TEXT_OUTPUT
    io: Encodings = Encodings()
    files: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()
    libjars: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    lazy_output: bool = False
    map_debug: str | None = None
    reduce_debug: str | None = None
    verbose: bool = False
    background: bool = False
    conf: JobConf = field(default_factory=JobConf)

    @property
    def name(self) -> str:
        """What the job is called: ``mapreduce.job.name``, or after its mapper."""
        if self.conf.is_given("mapreduce.job.name"):
            return self.conf["mapreduce.job.name"]
        first = self.mapper.words[0] if isinstance(self.mapper, Command) else "identity"
        return f"streamjob {first.rsplit('/', 1)[-1]}"

    @property
    def keys_are_offsets(self) -> bool:
        """Whether the keys are lines' offsets, numbers: no mapper has made others of them."""
        return self.mapper is None and self.input_has_offsets

    @property
    def input_has_offsets(self) -> bool:
        """Whether the input's records are lines, whose keys are their offsets."""
        return self.input_format in _LINES

    @property
    def mapper_gets_keys(self) -> bool:
        """Whether the mapper's command is given keys, too: not where the input is lines of text."""
        are_lines = self.input_format == TEXT_INPUT and self.io.map_input == "text"
        return not self.conf.flag("stream.map.input.ignoreKey", are_lines)
