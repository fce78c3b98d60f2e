"""The properties of a job, against what Hadoop makes of the same."""

from pathlib import Path

import pytest

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf, read_configuration


def test_old_and_new_names_are_one_property() -> None:
    conf = JobConf({"mapred.reduce.tasks": "3"})

    assert conf["mapreduce.job.reduces"] == conf["mapred.reduce.tasks"] == "3"
    assert dict(conf) == {"mapreduce.job.reduces": "3"}


def test_the_new_name_wins_in_any_order() -> None:
    old, new = "mapred.reduce.tasks", "mapreduce.job.reduces"

    assert JobConf({old: "2", new: "3"})[new] == "3"
    assert JobConf({new: "3", old: "2"})[new] == "3"


def test_defaults_hold_where_nothing_is_given_or_what_is_empty() -> None:
    name = "stream.map.output.field.separator"

    assert JobConf()[name] == "\t"
    assert JobConf({name: ""})[name] == "\t"
    assert JobConf({name: ","})[name] == ","
    assert JobConf({"my.own": ""})["my.own"] == ""
    assert name not in dict(JobConf())
    with pytest.raises(KeyError):
        JobConf()["my.own"]


def test_variables_in_values_stand_for_other_properties() -> None:
    conf = JobConf({"a": "<${b}>", "b": "${mapred.reduce.tasks}", "c": "${c}", "d": "${unknown}"})

    assert conf["a"] == "<1>"
    assert conf["c"] == "${c}"
    assert conf["d"] == "${unknown}"


def test_more_properties_win_by_either_name() -> None:
    conf = JobConf({"mapreduce.job.reduces": "1"}).with_properties({"mapred.reduce.tasks": "4"})

    assert conf["mapreduce.job.reduces"] == "4"


def test_values_are_read_by_type() -> None:
    conf = JobConf(
        {"n": " 12 ", "hex": "0x10", "on": "TRUE", "odd": "yes", "size": "2k", "list": "a, b,,c"}
    )

    assert conf.integer("n") == 12
    assert conf.integer("hex") == 16
    assert conf.integer("missing", 7) == 7
    assert conf.flag("on") is True
    assert conf.flag("odd") is False
    assert conf.flag("odd", True) is True
    assert conf.size("size") == 2048
    assert conf.names("list") == ("a", "b", "c")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("mapreduce.job.reduces", "many", "a whole number from 0 on"),
        ("mapreduce.job.reduces", "-1", "a whole number from 0 on"),
        ("mapred.reduce.tasks", "-1", "from 0 on"),
    ],
)
def test_what_is_no_number_is_named(name: str, value: str, expected: str) -> None:
    with pytest.raises(SparkIllegalArgumentException, match=expected) as raised:
        JobConf({name: value}).integer("mapreduce.job.reduces", least=0)
    assert value in str(raised.value)


def test_what_is_no_size_is_named() -> None:
    with pytest.raises(SparkIllegalArgumentException, match="size=lots"):
        JobConf({"size": "lots"}).size("size")


def test_settings_of_the_engine_are_told_apart() -> None:
    conf = JobConf({"spark.master": "local[2]", "mapreduce.job.reduces": "1"})

    assert conf.spark_settings() == {"spark.master": "local[2]"}


def test_a_configuration_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "site.xml"
    file.write_text(
        "<?xml version='1.0'?><configuration>"
        "<property><name> a.b </name><value>1 &lt; 2</value><final>true</final></property>"
        "<property><name>empty</name><value/></property></configuration>"
    )

    assert read_configuration(str(file)) == {"a.b": "1 < 2", "empty": ""}


def test_a_configuration_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xml"
    wrong.write_text("a=1")

    with pytest.raises(SparkIllegalArgumentException, match=r"wrong\.xml: this is no XML"):
        read_configuration(str(wrong))
    with pytest.raises(SparkIllegalArgumentException, match=r"missing\.xml: No such file"):
        read_configuration(str(tmp_path / "missing.xml"))
