"""The commands, run as people run them, with programs that need no engine."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import pyrite

SOURCES = str(Path(pyrite.__file__).parents[1])


def run(command: str, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run one of the commands that are defined in pyrite.deploy.cli."""
    program = f"from pyrite.deploy.cli import {command}; {command}()"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=cwd,
        env=environment | {"PYTHONPATH": SOURCES},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def submit(app: str, *flags: str, cwd: Path, args: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    (cwd / "app.py").write_text(app)
    return run("spark_submit", *flags, "app.py", *args, cwd=cwd)


def test_the_program_sees_itself_as_python_would_show_it(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("VALUE = 5")
    app = (
        "import sys, neighbour\n"
        "def f(): pass\n"
        "print(__name__, __file__, sys.argv, neighbour.VALUE, f.__module__)\n"
        "print(sys.modules['__main__'].f is f, sys.path[0])\n"
        "print('pyrite.core.context' in sys.modules, 'numpy' in sys.modules)\n"
    )
    result = submit(app, "--name", "x", cwd=tmp_path, args=("a", "--master", "-v", "--", "b c"))
    assert result.stderr == ""
    first, second, third = result.stdout.splitlines()
    assert first == ("__main__ app.py ['app.py', 'a', '--master', '-v', '--', 'b c'] 5 __main__")
    assert second == f"True {os.path.realpath(tmp_path)}"
    assert third == "False False"


def test_names_and_settings_are_there_without_importing_pyrite(tmp_path: Path) -> None:
    app = (
        "import pyspark.rdd\nfrom pyspark import SparkConf\nconf = SparkConf()\n"
        "print(conf.get('spark.app.name'), conf.get('spark.master'), conf.get('spark.a'))"
    )
    result = submit(app, "--master", "local[3]", "-c", "spark.a=1", cwd=tmp_path)
    assert result.stdout == "app.py local[3] 1\n", result.stderr


def test_python_files_can_be_imported_but_not_their_neighbours(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "helper.py").write_text("VALUE = 7")
    (library / "neighbour.py").touch()
    with zipfile.ZipFile(library / "packed.zip", "w") as archive:
        archive.writestr("inside.py", "VALUE = 8")
    app = (
        "import helper, inside\nprint(helper.VALUE, inside.VALUE)\n"
        "try:\n    import neighbour\nexcept ImportError:\n    print('unseen')"
    )
    files = "library/helper.py,library/packed.zip"
    result = submit(app, "--py-files", files, cwd=tmp_path)
    assert result.stdout == "7 8\nunseen\n", result.stderr


@pytest.mark.parametrize(
    ("app", "code", "error"),
    [
        ("", 0, ""),
        ("import sys; sys.exit(7)", 7, ""),
        ("import sys; sys.exit('no luck')", 1, "no luck\n"),
    ],
)
def test_exit_codes(tmp_path: Path, app: str, code: int, error: str) -> None:
    result = submit(app, cwd=tmp_path)
    assert (result.returncode, result.stderr) == (code, error)


@pytest.mark.parametrize(
    ("error", "code"), [("ValueError('bad')", 1), ("KeyboardInterrupt('bad')", 130)]
)
def test_a_traceback_has_the_lines_of_the_program_only(
    tmp_path: Path, error: str, code: int
) -> None:
    result = submit(f"def f():\n    raise {error}\n\nf()", cwd=tmp_path)
    shown = [line for line in result.stderr.splitlines() if set(line) - set(" ~^")]
    assert result.returncode == code
    assert shown == [
        "Traceback (most recent call last):",
        '  File "app.py", line 4, in <module>',
        "    f()",
        '  File "app.py", line 2, in f',
        f"    raise {error}",
        f"{error.partition('(')[0]}: bad",
    ]


def test_a_syntax_error_is_shown_as_python_shows_it(tmp_path: Path) -> None:
    result = submit("x = (", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith('  File "app.py", line 1\n')
    assert "SyntaxError" in result.stderr


def test_engine_lines_are_hidden_unless_asked_for(tmp_path: Path) -> None:
    app = "from pyrite.core.conf import parse_bytes\nparse_bytes('x')"
    hidden = submit(app, cwd=tmp_path)
    assert "SparkIllegalArgumentException: 'x' is not a memory size" in hidden.stderr
    assert "conf.py" not in hidden.stderr
    assert 'File "app.py", line 2' in hidden.stderr
    assert "conf.py" in submit(app, "--verbose", cwd=tmp_path).stderr


def test_verbose_shows_settings_but_no_secrets(tmp_path: Path) -> None:
    result = submit("", "-v", "-c", "spark.a=1", "-c", "spark.my.password=hunter2", cwd=tmp_path)
    assert "spark.a=1" in result.stderr
    assert "hunter2" not in result.stderr


@pytest.mark.parametrize(
    ("command", "words", "code", "message"),
    [
        ("spark_submit", ["missing.py"], 2, "can't open file"),
        ("spark_submit", ["app.jar"], 1, "needs a JVM"),
        ("spark_submit", ["--bogus", "app.py"], 1, "--bogus"),
        ("spark_submit", [], 1, "Missing argument"),
        ("spark_submit", ["--conf", "abc", "app.py"], 1, "--conf abc: write it as key=value"),
        ("main", ["submit", "--bogus"], 1, "--bogus"),
        ("pyspark", ["app.py"], 1, "Use: pyrite submit app.py"),
        ("pyspark", ["word"], 1, "takes flags only"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(
    tmp_path: Path, command: str, words: list[str], code: int, message: str
) -> None:
    result = run(command, *words, cwd=tmp_path)
    assert result.returncode == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_version_and_help(tmp_path: Path) -> None:
    version = f"pyrite {pyrite.__version__} (PySpark 4.2"
    assert run("main", "--version", cwd=tmp_path).stdout.startswith(version)
    assert run("spark_submit", "--version", cwd=tmp_path).stdout.startswith(version)
    text = run("spark_submit", "--help", cwd=tmp_path).stdout
    assert "--executor-memory SIZE" in text
    assert "Examples:" in text
