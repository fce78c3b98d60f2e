"""From flags and files to settings."""

from pathlib import Path

import pytest

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.deploy.flag_command import parse_flags
from pyrite.deploy.flags import FLAGS, Answer

BASIC = {"spark.master": "local[*]", "spark.submit.deployMode": "client", "spark.app.name": "app"}


def settings(*words: str, environment: dict[str, str] | None = None) -> dict[str, str]:
    resolved = parse_flags(words).settings("app", environment or {})
    assert int(resolved.pop("spark.app.submitTime")) > 1_600_000_000_000
    return resolved


def test_without_flags() -> None:
    assert settings() == BASIC


def test_every_flag_with_a_setting_sets_it(tmp_path: Path) -> None:
    file = tmp_path / "x.py"
    file.touch()
    values = {"SIZE": "2g", "N": "3", "LIST": str(file), "MODE": "client"}
    for flag in FLAGS:
        if flag.setting and flag.answer is not Answer.REFUSE:
            value = values.get(flag.metavar, "word") if flag.metavar else "true"
            words = [flag.name, value] if flag.metavar else [flag.name]
            assert settings(*words)[flag.setting] == value


def test_the_stronger_source_wins(tmp_path: Path) -> None:
    (tmp_path / "spark-defaults.conf").write_text(
        "spark.app.name=defaults\nspark.a=defaults\nspark.b=defaults\nspark.d=defaults"
    )
    (tmp_path / "p.conf").write_text(
        "spark.app.name=file\nspark.a=file\nspark.b=file\nspark.c=file"
    )
    environment = {"SPARK_CONF_DIR": str(tmp_path)}
    words = ["--properties-file", str(tmp_path / "p.conf"), "-c", "spark.a=conf"]
    words += ["--conf", "spark.app.name=conf", "--name", "flag"]

    only_file = settings(*words, environment=environment)
    assert only_file == BASIC | {
        "spark.app.name": "flag",
        "spark.a": "conf",
        "spark.b": "file",
        "spark.c": "file",
    }
    both = settings(*words, "--load-spark-defaults", environment=environment)
    assert both == only_file | {"spark.d": "defaults"}
    assert settings(environment=environment)["spark.a"] == "defaults"


def test_conf_values_may_hold_equals_signs() -> None:
    assert settings("--conf", "spark.a=-Dx=1 -Dy=2")["spark.a"] == "-Dx=1 -Dy=2"
    assert settings("--conf", "spark.a=")["spark.a"] == ""


def test_paths_become_absolute_and_python_files_are_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt", "m.py", "z.zip"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    resolved = settings(
        "--files", "*.txt, s3://bucket/c.txt", "--py-files", "m.py", "--archives", "z.zip#inside"
    )
    files = f"{tmp_path}/a.txt,{tmp_path}/b.txt,s3://bucket/c.txt,{tmp_path}/m.py"
    assert resolved["spark.files"] == files
    assert resolved["spark.submit.pyFiles"] == f"{tmp_path}/m.py"
    assert resolved["spark.archives"] == f"{tmp_path}/z.zip#inside"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--conf", "abc"], "--conf abc: write it as key=value"),
        (["--conf", "=1"], "--conf =1: write it as key=value"),
        (["--deploy-mode", "what"], '--deploy-mode: must be either "client" or "cluster"'),
        (["--num-executors", "0"], "Number of executors must be a positive number, not '0'"),
        (["--executor-cores", "x"], "Executor cores must be a positive number, not 'x'"),
        (["--total-executor-cores=0"], "Total executor cores must be a positive number"),
        (["--driver-memory", "1x"], "--driver-memory: '1x' is not a memory size"),
        (["--executor-memory", ""], "--executor-memory: '' is not a memory size"),
        (["--properties-file", "no.conf"], "Invalid properties file 'no.conf'"),
        (["--py-files", "no.py"], "--py-files: 'no.py' does not exist"),
        (["--proxy-user", "root"], "--proxy-user is not supported"),
        (["--remote", "sc://host"], "--remote is not supported"),
    ],
)
def test_what_cannot_be_used_is_named(words: list[str], message: str) -> None:
    with pytest.raises(SparkIllegalArgumentException) as raised:
        settings(*words)
    assert message in str(raised.value)


def test_flags_for_the_jvm_are_answered_and_passed_over() -> None:
    warnings: list[str] = []
    resolved = parse_flags(["--jars", "a.jar", "--class", "Main"]).settings(
        "app", {}, warnings.append
    )
    assert resolved["spark.jars"] == "a.jar"
    assert [text.split()[0] for text in warnings] == ["--class", "--jars"]
