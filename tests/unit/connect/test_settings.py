import pytest
from pyspark.errors import (
    AnalysisException,
    IllegalArgumentException,
    SparkNoSuchElementException,
)
from pyspark.sql.connect import proto
from pyspark.sql.connect.session import SparkSession

Request = proto.ConfigRequest


def ask(spark: SparkSession, **operation: object) -> list[tuple[str, str | None]]:
    return spark.client.config(Request.Operation(**operation)).pairs  # type: ignore[arg-type]


def test_a_setting_is_set_read_and_unset(spark: SparkSession) -> None:
    spark.conf.set("spark.sql.shuffle.partitions", 7)
    assert spark.conf.get("spark.sql.shuffle.partitions") == "7"
    spark.conf.unset("spark.sql.shuffle.partitions")
    assert spark.conf.get("spark.sql.shuffle.partitions") == "200"


def test_sessions_have_settings_of_their_own(spark: SparkSession) -> None:
    spark.conf.set("spark.some.key", "1")
    other = spark.cloneSession()
    other.conf.set("spark.some.key", "2")
    assert (spark.conf.get("spark.some.key"), other.conf.get("spark.some.key")) == ("1", "2")
    other.client.release_session()


def test_the_clients_default_stands_before_the_settings_own(spark: SparkSession) -> None:
    assert spark.conf.get("spark.nope", "d") == "d"
    assert spark.conf.get("spark.nope", None) is None
    assert spark.conf.get("spark.sql.shuffle.partitions", "10") == "10"
    spark.conf.set("spark.sql.shuffle.partitions", 7)
    assert spark.conf.get("spark.sql.shuffle.partitions", "10") == "7"


def test_an_unknown_key_has_no_value(spark: SparkSession) -> None:
    with pytest.raises(SparkNoSuchElementException) as caught:
        spark.conf.get("spark.nope")
    assert caught.value.getCondition() == "SQL_CONF_NOT_FOUND"
    assert caught.value.getMessageParameters() == {"sqlConf": '"spark.nope"'}
    assert caught.value.getSqlState() == "42K0I"
    keys = ["spark.nope", "spark.sql.ansi.enabled"]
    assert ask(spark, get_option=Request.GetOption(keys=keys)) == [
        ("spark.nope", None),
        ("spark.sql.ansi.enabled", "true"),
    ]


def test_a_setting_of_sparks_may_have_no_value(spark: SparkSession) -> None:
    key = "spark.sql.streaming.checkpointLocation"
    assert spark.conf.get(key) is None
    assert spark.conf.isModifiable(key)
    assert spark.sql(f"SET {key}").collect()[0].value == "<undefined>"
    assert spark.conf.get("spark.sql.cbo.enabled") == "false"
    assert not spark.conf.isModifiable("spark.sql.hive.metastore.version")


def test_what_was_set_is_listed_by_prefix_without_the_prefix(spark: SparkSession) -> None:
    spark.conf.set("spark.a.b", "1")
    assert ask(spark, get_all=Request.GetAll(prefix="spark.a.")) == [("b", "1")]
    assert spark.conf.getAll["spark.app.name"] == "connect tests"


@pytest.mark.parametrize(
    ("key", "value", "condition"),
    [
        ("spark.sql.ansi.enabled", "maybe", "TYPE_MISMATCH"),
        ("spark.sql.shuffle.partitions", "x", "TYPE_MISMATCH"),
        ("spark.sql.shuffle.partitions", "-1", "REQUIREMENT"),
        ("spark.sql.session.timeZone", "Nowhere", "TIME_ZONE"),
        ("spark.sql.timestampType", "abc", "OUT_OF_RANGE_OF_OPTIONS"),
    ],
)
def test_bad_values_are_refused(spark: SparkSession, key: str, value: str, condition: str) -> None:
    before = spark.conf.get(key)
    with pytest.raises(IllegalArgumentException) as caught:
        spark.conf.set(key, value)
    assert caught.value.getCondition() == f"INVALID_CONF_VALUE.{condition}"
    parameters = caught.value.getMessageParameters()
    assert parameters is not None
    assert (parameters["confName"], parameters["confValue"]) == (key, value)
    assert spark.conf.get(key) == before


@pytest.mark.parametrize(
    ("key", "condition"),
    [
        ("spark.sql.warehouse.dir", "CANNOT_MODIFY_STATIC_CONFIG"),
        ("spark.executor.memory", "CANNOT_MODIFY_CONFIG"),
    ],
)
def test_what_holds_for_the_application_stays(
    spark: SparkSession, key: str, condition: str
) -> None:
    for change in (lambda: spark.conf.set(key, "1"), lambda: spark.conf.unset(key)):
        with pytest.raises(AnalysisException) as caught:
            change()
        assert caught.value.getCondition() == condition
        assert not spark.conf.isModifiable(key)
    assert spark.conf.isModifiable("spark.sql.ansi.enabled")
    assert not spark.conf.isModifiable("spark.nope")


def test_a_silent_set_warns_and_goes_on(spark: SparkSession) -> None:
    with pytest.warns(UserWarning, match="CANNOT_MODIFY_STATIC_CONFIG"):
        spark.conf._set_all(
            {"spark.sql.warehouse.dir": "x", "spark.sql.ansi.enabled": "false"}, silent=True
        )
    assert spark.conf.get("spark.sql.ansi.enabled") == "false"
