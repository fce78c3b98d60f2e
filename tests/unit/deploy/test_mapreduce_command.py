"""``pyrite mapreduce`` before a job runs: help, mistakes and their exit codes."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pyrite.deploy.cli import main
from pyrite.deploy.mapreduce_command import run
from pyrite.mapreduce.hadoop_streaming.options import OPTIONS
from pyrite.mapreduce.hadoop_streaming.usage import usage


def test_help_teaches_every_option_and_an_example() -> None:
    result = CliRunner().invoke(main, ["mapreduce", "--help"])

    assert result.exit_code == 0
    for option in OPTIONS:
        if option.section:
            assert f"  -{option.name} " in result.output
    assert "pyrite mapreduce -input 'books/*.txt' -output counts" in result.output
    assert max(map(len, result.output.splitlines())) <= 100


def test_info_tells_of_properties_and_the_protocol(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-info"]) == 0

    told = capsys.readouterr().out
    assert told.startswith("Usage: hadoop jar hadoop-streaming.jar ")
    assert "mapreduce.task.timeout" in told
    assert "reporter:counter:GROUP,NAME,AMOUNT" in told


def test_usage_fits_the_width() -> None:
    assert max(map(len, usage("p", in_full=True).splitlines())) <= 100


def test_nothing_at_all_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 1
    assert capsys.readouterr().err.startswith("Usage: ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-maper", "cat"], "Unrecognized option: -maper. Did you mean -mapper?"),
        (["-input", "in"], "Required argument: -output DIR."),
        (["-input", "in", "-output", "out", "-files", "/no/such"], "'/no/such' does not exist"),
        (
            ["-input", "i", "-output", "o", "-D", "spark.master=mars", "-numReduceTasks", "x"],
            "-numReduceTasks x: this must be a whole number",
        ),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_1(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 1

    told = capsys.readouterr()
    assert told.out == ""
    first, *rest = told.err.splitlines()
    assert message in first
    assert rest == ["Try -help for more information", "Streaming Command Failed!"]


def test_old_options_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-file", str(tmp_path / "gone.py"), "-input", "i", "-output", "o"]) == 1

    assert "WARN streaming.StreamJob: -file option is deprecated" in capsys.readouterr().err
