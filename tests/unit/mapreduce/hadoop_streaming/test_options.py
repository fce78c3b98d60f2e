"""Command lines of the streaming jar, and the jobs they mean; compared with real Hadoop."""

from pathlib import Path

import pytest

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.mapreduce.hadoop_streaming.options import (
    OptionError,
    check_files,
    read_options,
)
from pyrite.mapreduce.hadoop_streaming.stream_job import (
    AGGREGATE_COMBINER,
    AGGREGATE_REDUCER,
    KEY_FIELD_COMPARATOR,
    KEY_FIELD_PARTITIONER,
    Command,
    Encodings,
    JavaClass,
    StreamJob,
    split_command,
)

_SMALLEST = ["-input", "in", "-output", "out"]


def _job(*words: str) -> StreamJob:
    return read_options([*_SMALLEST, *words]).job()


# ---------------------------------------------------------------- commands


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('ab"c d"e f', ["ab", "c d", "e", "f"]),
        ("""'a' 'b"c' "d'e\"""", ["a", 'b"c', "d'e"]),
        ("a  b\tc", ["a", "b\tc"]),
        ("'' x", ["x"]),
        ("a\\b 'c", ["a\\b", "c"]),
        ("--x='y z'", ["--x=", "y z"]),
        ('x""y', ["x", "y"]),
        ("$HOME *", ["$HOME", "*"]),
        (r'sh -c "tr a \"b\""', ["sh", "-c", "tr a \\", "b\\"]),
        ("", []),
    ],
)
def test_commands_are_cut_as_hadoop_cuts_them(text: str, words: list[str]) -> None:
    assert list(split_command(text)) == words


def test_a_shell_is_there_for_who_asks_for_it() -> None:
    assert _job("-mapper", "sh -c 'tr a-z A-Z | sort'").mapper == Command(
        ("sh", "-c", "tr a-z A-Z | sort")
    )


@pytest.mark.parametrize(
    ("shipped", "mapper", "word"),
    [
        (["-file", "x/map.py"], "x/map.py -v", "map.py"),
        (["-file", "x/map.py"], "./x/../x/map.py -v", "map.py"),
        (["-files", "a,x/map.py#m"], "x/map.py -v", "m"),
        (["-file", "y/map.py"], "x/map.py -v", "x/map.py"),
        (["-file", "x/map.py"], "./map.py -v", "./map.py"),
    ],
)
def test_a_program_that_goes_with_the_tasks_is_called_by_its_name_there(
    shipped: list[str], mapper: str, word: str
) -> None:
    assert _job(*shipped, "-mapper", mapper).mapper == Command((word, "-v"))


# ---------------------------------------------------------------- reading


def test_the_smallest_job_passes_its_records_through_one_reducer() -> None:
    job = _job()

    assert (job.inputs, job.output) == (("in",), "out")
    assert (job.mapper, job.reducer, job.combiner) == (None, None, None)
    assert job.num_reduces == 1
    assert job.comparator is None


def test_generic_options_may_stand_anywhere_and_dashes_be_two() -> None:
    words = ["--input", "in", "--mapper", "cat", "-D", "a=b=c", "-Dd=", "--output", "out"]
    job = read_options(words).job()

    assert job.conf["a"] == "b=c"
    assert job.conf["d"] == ""
    assert job.mapper == Command(("cat",))


def test_inputs_are_all_that_is_named() -> None:
    job = read_options(["-input", "a", "b,c", "-output", "o", "-input", "d"]).job()

    assert job.inputs == ("a", "b,c", "d")


def test_the_first_of_two_values_counts() -> None:
    job = _job("-mapper", "cat", "-mapper", "tac", "-numReduceTasks", "0", "-numReduceTasks", "1")

    assert job.mapper == Command(("cat",))
    assert job.num_reduces == 0


def test_a_value_may_begin_with_a_dash() -> None:
    assert _job("-mapper", "-x").mapper == Command(("-x",))


def test_old_options_say_what_to_write() -> None:
    words = [*_SMALLEST, "-file", "a.py", "b.py", "-jobconf", "mapred.reduce.tasks=2"]
    options = read_options([*words, "-cacheArchive", "z.zip#z", "-dfs", "local"])
    job = options.job()

    assert options.warnings == (
        "-file option is deprecated, please use -files instead.",
        "-jobconf option is deprecated, please use -D instead.",
        "-cacheArchive option is deprecated, please use -archives instead.",
        "-dfs option is deprecated, please use -fs instead.",
    )
    assert job.files == ("a.py", "b.py")
    assert job.archives == ("z.zip#z",)
    assert job.num_reduces == 2
    assert job.conf["fs.defaultFS"] == "file:///"


def test_files_and_variables_for_tasks() -> None:
    job = _job(
        *("-files", "a.txt#b,c.txt", "-archives", "d.tgz", "-libjars", "x.jar"),
        *("-cmdenv", "A=1", "-cmdenv", "B=x=y", "-mapdebug", "sh map.sh", "-reducedebug", "r"),
        *("-lazyOutput", "-verbose", "-background", "-debug"),
    )

    assert job.files == ("a.txt#b", "c.txt")
    assert job.archives == ("d.tgz",)
    assert job.libjars == ("x.jar",)
    assert job.environment == (("A", "1"), ("B", "x=y"))
    assert (job.map_debug, job.reduce_debug) == ("sh map.sh", "r")
    assert job.lazy_output
    assert job.verbose
    assert job.background


def test_a_configuration_file_loses_to_d_and_wins_over_what_is_known(tmp_path: Path) -> None:
    file = tmp_path / "job.xml"
    file.write_text(
        "<configuration><property><name>a</name><value>file</value></property>"
        "<property><name>b</name><value>file</value></property></configuration>"
    )
    options = read_options([*_SMALLEST, "-D", "a=D", "-conf", str(file)])
    job = options.job({"a": "site", "b": "site", "c": "site"})

    assert (job.conf["a"], job.conf["b"], job.conf["c"]) == ("D", "file", "site")


# ---------------------------------------------------------------- what they mean


@pytest.mark.parametrize(
    ("words", "reduces"),
    [
        (["-D", "mapreduce.job.reduces=3"], 3),
        (["-D", "mapreduce.job.reduces=3", "-numReduceTasks", "0"], 0),
        (["-numReduceTasks", "2", "-reducer", "NONE"], 0),
        (["-reducer", "cat"], 1),
    ],
)
def test_the_number_of_reducers(words: list[str], reduces: int) -> None:
    job = _job(*words)

    assert job.num_reduces == reduces
    assert job.conf["mapreduce.job.reduces"] == str(reduces)


def test_hadoops_identities_change_nothing() -> None:
    job = _job(
        *("-mapper", "org.apache.hadoop.mapred.lib.IdentityMapper"),
        *("-reducer", "org.apache.hadoop.mapred.lib.IdentityReducer", "-combiner"),
        "IdentityReducer",
    )

    assert (job.mapper, job.reducer, job.combiner) == (None, None, None)


def test_aggregate_brings_its_combiner() -> None:
    job = _job("-reducer", "aggregate", "-mapper", "./aggregate")

    assert job.reducer == JavaClass(AGGREGATE_REDUCER)
    assert job.combiner == JavaClass(AGGREGATE_COMBINER)
    assert job.mapper == Command(("./aggregate",))


@pytest.mark.parametrize(
    "words",
    [
        ["-partitioner", "org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner"],
        ["-partitioner", "KeyFieldBasedPartitioner"],
        ["-D", "mapred.partitioner.class=" + KEY_FIELD_PARTITIONER],
    ],
)
def test_partitioners_by_all_their_names(words: list[str]) -> None:
    assert _job(*words).partitioner == KEY_FIELD_PARTITIONER


@pytest.mark.parametrize(
    "setting",
    [
        "mapred.output.key.comparator.class=" + KEY_FIELD_COMPARATOR,
        "mapreduce.job.output.key.comparator.class="
        "org.apache.hadoop.mapreduce.lib.partition.KeyFieldBasedComparator",
    ],
)
def test_comparators_by_all_their_names(setting: str) -> None:
    assert _job("-D", setting).comparator == KEY_FIELD_COMPARATOR


def test_formats_by_their_names() -> None:
    job = _job(
        *("-inputformat", "org.apache.hadoop.mapred.lib.NLineInputFormat"),
        *("-outputformat", "SequenceFileOutputFormat"),
    )

    assert job.input_format == "org.apache.hadoop.mapred.lib.NLineInputFormat"
    assert job.output_format == "org.apache.hadoop.mapred.SequenceFileOutputFormat"


@pytest.mark.parametrize(
    ("words", "gets_keys"),
    [
        ([], False),
        (["-inputformat", "KeyValueTextInputFormat"], True),
        (["-io", "typedbytes"], True),
        (["-D", "stream.map.input.ignoreKey=false"], True),
        (
            ["-D", "stream.map.input.ignoreKey=true", "-inputformat", "KeyValueTextInputFormat"],
            False,
        ),
    ],
)
def test_mappers_of_lines_get_no_keys(words: list[str], gets_keys: bool) -> None:
    assert _job(*words).mapper_gets_keys is gets_keys


def test_io_goes_for_all_sides_or_one() -> None:
    assert _job("-io", "rawbytes").io == Encodings(*["rawbytes"] * 4)
    job = _job("-D", "stream.reduce.input=typedbytes")
    assert job.io == Encodings(reduce_input="typedbytes")
    assert job.conf["stream.map.output"] == "text"


def test_commands_find_in_their_properties_what_options_say() -> None:
    conf = _job("-mapper", "/bin/cat x", "-inputformat", "TextInputFormat").conf

    assert conf["mapred.output.dir"] == "out"
    assert conf["mapreduce.input.fileinputformat.inputdir"] == "in"
    assert conf["mapreduce.job.name"] == "streamjob cat"
    assert conf["mapred.input.format.class"] == "org.apache.hadoop.mapred.TextInputFormat"


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-maper", "cat"], "Unrecognized option: -maper. Did you mean -mapper?"),
        (["-numreducetasks", "1"], "Did you mean -numReduceTasks?"),
        (["-zzzzzz"], "-help lists the options"),
        (["-mapper", "python3", "m.py"], "'m.py' belongs to no option"),
        (["-mapper", "-reducer", "cat"], "-mapper needs a value: -mapper COMMAND"),
        (["-mapper"], "-mapper needs a value"),
    ],
)
def test_what_is_no_option_is_named(words: list[str], message: str) -> None:
    with pytest.raises(OptionError) as raised:
        read_options([*_SMALLEST, *words])
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-input", "x"], "Required argument: -output DIR"),
        (["-output", "x"], "Required argument: -input PATH"),
        ([*_SMALLEST, "-D", "a"], "-D a: write it as name=value"),
        ([*_SMALLEST, "-cmdenv", "A"], "-cmdenv A: write it as name=value"),
        ([*_SMALLEST, "-mapper", " "], "-mapper is empty"),
        ([*_SMALLEST, "-numReduceTasks", "x"], "-numReduceTasks x: this must be a whole number"),
        ([*_SMALLEST, "-io", "json"], "-io json: this must be one of text, rawbytes, typedbytes"),
        (
            [*_SMALLEST, "-D", "stream.map.input=json"],
            "stream.map.input=json: this must be one of text",
        ),
        (
            [*_SMALLEST, "-mapper", "org.acme.Mapper"],
            "-mapper : class not found : org.acme.Mapper. Java classes do not run here; known by "
            "name are org.apache.hadoop.mapred.lib.IdentityMapper.",
        ),
        ([*_SMALLEST, "-inputformat", "Foo"], "-inputformat : class not found : Foo."),
        ([*_SMALLEST, "-outputformat", "Foo"], "-outputformat : class not found : Foo."),
        ([*_SMALLEST, "-partitioner", "Foo"], "-partitioner : class not found : Foo."),
        (
            [*_SMALLEST, "-D", "mapred.output.key.comparator.class=Foo"],
            "mapreduce.job.output.key.comparator.class : class not found : Foo.",
        ),
        ([*_SMALLEST, "-inputreader", "StreamXmlRecordReader"], "-inputreader is not supported"),
    ],
)
def test_what_means_no_job_is_named(words: list[str], message: str) -> None:
    with pytest.raises(OptionError) as raised:
        read_options(words).job()
    assert message in str(raised.value)


def test_a_number_of_reducers_that_is_none() -> None:
    with pytest.raises(SparkIllegalArgumentException, match=r"mapreduce\.job\.reduces=-1"):
        _job("-D", "mapred.reduce.tasks=-1")


def test_files_that_are_missing_are_named(tmp_path: Path) -> None:
    here = tmp_path / "here.txt"
    here.touch()

    check_files(_job("-files", f"{here}#other,file://{here},hdfs://x/y"))
    with pytest.raises(OptionError, match=r"-files: '.*gone.txt' does not exist"):
        check_files(_job("-file", str(tmp_path / "gone.txt")))


def test_help_is_told_from_a_job() -> None:
    assert read_options(["-help"]).wants_help
    assert read_options(["-info"]).wants_info
    assert not read_options(_SMALLEST).wants_help
