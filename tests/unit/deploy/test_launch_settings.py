"""What SparkConf() starts from, with and without a launcher."""

from pathlib import Path

import pytest
from pyspark import SparkConf

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.deploy import launch_settings


@pytest.fixture(autouse=True)
def nothing_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch_settings, "_announced", None)
    for name in ("PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR", "SPARK_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_nothing_by_default() -> None:
    assert SparkConf().getAll() == []


def test_a_launcher_announces_them_and_code_wins() -> None:
    launch_settings.announce({"spark.app.name": "flag", "spark.a": "1"})
    conf = SparkConf().setAppName("code").setIfMissing("spark.a", "2")
    assert dict(conf.getAll()) == {"spark.app.name": "code", "spark.a": "1"}
    assert SparkConf(loadDefaults=False).getAll() == []
    assert SparkConf().get("spark.app.name") == "flag"


def test_defaults_file_for_a_program_without_a_launcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "spark-defaults.conf").write_text("spark.a 1")
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    assert SparkConf().get("spark.a") == "1"


def test_pyspark_submit_args(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PYSPARK_SUBMIT_ARGS", "--master 'local[2]' --conf 'spark.a=two words' pyspark-shell"
    )
    conf = SparkConf()
    assert conf.get("spark.master") == "local[2]"
    assert conf.get("spark.a") == "two words"


@pytest.mark.parametrize("text", ["--mastr x", "--conf nonsense", "'"])
def test_bad_pyspark_submit_args_are_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", text)
    with pytest.raises(SparkIllegalArgumentException, match="PYSPARK_SUBMIT_ARGS: "):
        SparkConf()
