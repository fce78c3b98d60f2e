"""The commands ``hadoop``, ``hdfs`` and ``mapred``: what scripts and tools call of a Hadoop.

Only what needs no cluster of Hadoop's own is here: files, and jobs of the streaming jar, which
``pyrite mapreduce`` runs.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from pyrite import __version__
from pyrite.core.errors import SparkException, SparkIllegalArgumentException

__all__ = ["HADOOP_VERSION", "hadoop", "hdfs", "mapred", "run", "streaming_jar"]

#: The version of Hadoop whose commands and formats these are.
HADOOP_VERSION = "3.4.2"

_STREAMING_CLASS = "org.apache.hadoop.streaming.HadoopStreaming"

#: Options of every Hadoop command that take a value and mean nothing here.
_ACCEPTED = ("-jt", "-files", "-libjars", "-archives")

_FAILED, _MISUSED = 1, 255


class _CommandError(Exception):
    """A command line that cannot be followed; the message says why, and what would work."""


@dataclass(frozen=True, slots=True)
class _Subcommand:
    """One thing the commands do.

    Attributes:
        run: Does it, with the words behind its name; returns the exit code.
        usage: What stands behind its name.
        help: What it does, in a line.
        of: The commands that have it.
    """

    run: Callable[[Sequence[str]], int]
    usage: str
    help: str
    of: tuple[str, ...]


def _fs(words: Sequence[str]) -> int:
    """Run a file command, behind the options that all of Hadoop's commands take."""
    from pyrite.core.hadoop.default_fs import DEFAULT_FS, configured_default_fs, default_fs_in
    from pyrite.deploy.hadoop_fs.shell import run as run_file_command

    rest = list(words)
    said: dict[str, str | None] = {}
    while rest:
        word = rest[0]
        if word.startswith("-D") and len(word) > 2:
            rest[:1] = ["-D", word[2:]]
            continue
        if word not in ("-D", "-conf", "-fs", *_ACCEPTED):
            break
        if len(rest) == 1:
            raise _CommandError(f"{word} needs a value.")
        value = rest[1]
        del rest[:2]
        if word == "-conf":
            said[word] = default_fs_in(value)
        elif word == "-fs":
            said[word] = "file:///" if value == "local" else value
        elif word == "-D" and value.startswith((f"{DEFAULT_FS}=", "fs.default.name=")):
            said[word] = value.partition("=")[2]
    chosen = said.get("-fs") or said.get("-D") or said.get("-conf") or configured_default_fs()
    return run_file_command(rest, chosen)


def _streaming(words: Sequence[str]) -> int:
    from pyrite.deploy.mapreduce_command import run as run_streaming

    return run_streaming(words)


def _jar(words: Sequence[str]) -> int:
    """Run the streaming jar's job; the jar itself need not exist."""
    if not words:
        raise _CommandError("name a jar: hadoop jar hadoop-streaming.jar -input ... -output ...")
    jar, *rest = words
    name = os.path.basename(jar)
    if "streaming" not in name or not name.endswith(".jar"):
        raise _CommandError(
            f"{jar}: there is no JVM here to run it. The only jar whose work Pyrite does is "
            "Hadoop's hadoop-streaming-*.jar; programs of PySpark run by 'spark-submit'."
        )
    if rest and not rest[0].startswith("-"):
        if rest[0] not in (_STREAMING_CLASS, "streamjob"):
            raise _CommandError(
                f"{rest[0]}: there is no JVM here to run a class of {name}; leave it out, or "
                f"name {_STREAMING_CLASS}."
            )
        del rest[0]
    return _streaming(rest)


def _version(_: Sequence[str]) -> int:
    print(f"Hadoop {HADOOP_VERSION}")
    print(f"Commands of Pyrite {__version__}, which has no JVM")
    return 0


def streaming_jar() -> str:
    """Return the path of an empty jar under the streaming jar's name, for tools that look for it.

    It lies where Hadoop has it, so that a tool may take the directory of ``hadoop envvars`` for
    ``HADOOP_HOME``.
    """
    return os.path.join(_home(), *_TOOLS, f"hadoop-streaming-{HADOOP_VERSION}.jar")


_TOOLS = ("share", "hadoop", "tools", "lib")


def _home() -> str:
    return str(resources.files("pyrite.deploy").joinpath("hadoop_home"))


def _class_path(_: Sequence[str]) -> int:
    directory = os.environ.get("HADOOP_CONF_DIR")
    print(os.pathsep.join([*([directory] if directory else []), streaming_jar()]))
    return 0


def _variables(_: Sequence[str]) -> int:
    from pyrite.core.hadoop.default_fs import hadoop_user
    from pyrite.core.hadoop.filesystem import qualify

    print(f"HADOOP_HOME='{_home()}'")
    print(f"HADOOP_CONF_DIR='{os.environ.get('HADOOP_CONF_DIR', '')}'")
    print(f"HADOOP_USER_NAME='{hadoop_user()}'")
    place = qualify("hdfs:///")
    if place.startswith("file:"):
        print(f"PYRITE_HDFS_DIR='{place.removeprefix('file:')}'")
    return 0


_FILES = "work with files: -ls, -cat, -put, ...; -help tells."
_SUBCOMMANDS: Mapping[str, _Subcommand] = {
    "fs": _Subcommand(_fs, "-COMMAND ...", _FILES, ("hadoop",)),
    "dfs": _Subcommand(_fs, "-COMMAND ...", _FILES, ("hadoop", "hdfs")),
    "jar": _Subcommand(
        _jar,
        "hadoop-streaming.jar OPTIONS",
        "run a job of Hadoop Streaming, as 'pyrite mapreduce OPTIONS' does.",
        ("hadoop",),
    ),
    "streaming": _Subcommand(
        _streaming, "OPTIONS", "run a job of Hadoop Streaming; -help tells.", ("mapred",)
    ),
    "version": _Subcommand(_version, "", "print the version.", ("hadoop", "hdfs", "mapred")),
    "classpath": _Subcommand(
        _class_path,
        "",
        "print where the jars would be; the streaming jar's place is held by an empty one.",
        ("hadoop", "hdfs", "mapred"),
    ),
    "envvars": _Subcommand(
        _variables,
        "",
        "print HADOOP_HOME and the like, and where hdfs:/// is.",
        ("hadoop", "hdfs", "mapred"),
    ),
}


def run(program: str, words: Sequence[str]) -> int:
    """Do what a command line says.

    Args:
        program: ``hadoop``, ``hdfs`` or ``mapred``.
        words: What follows it.

    Returns:
        The exit code: 0 for success, 255 for a command line that means nothing.
    """
    rest = list(words)
    try:
        while rest and rest[0] in ("--config", "--loglevel"):
            if len(rest) == 1:
                raise _CommandError(f"{rest[0]} needs a value.")
            if rest[0] == "--config":
                os.environ["HADOOP_CONF_DIR"] = os.path.abspath(rest[1])
            del rest[:2]
        if not rest or rest[0] in ("--help", "-help", "-h", "help"):
            print(_usage(program))
            return 0 if rest else _FAILED
        name = {"-version": "version", "--version": "version"}.get(rest[0], rest[0])
        return _find(program, name).run(rest[1:])
    except _CommandError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return _MISUSED
    except (SparkException, SparkIllegalArgumentException) as error:
        print(f"{program}: {error}", file=sys.stderr)
        return _FAILED


def _find(program: str, name: str) -> _Subcommand:
    names = [each for each, subcommand in _SUBCOMMANDS.items() if program in subcommand.of]
    if name in names:
        return _SUBCOMMANDS[name]
    if name in _SUBCOMMANDS:
        raise _CommandError(f"'{name}' is a command of '{_SUBCOMMANDS[name].of[0]} {name}'.")
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean '{program} {near[0]}'?" if near else ""
    raise _CommandError(
        f"'{name}' is not among what Pyrite does in Hadoop's place: {', '.join(names)}.{hint}"
    )


def _usage(program: str) -> str:
    lines = [f"Usage: {program} [--config DIR] COMMAND [WORDS...]", ""]
    for name, subcommand in _SUBCOMMANDS.items():
        if program in subcommand.of:
            lines.append(f"  {f'{name} {subcommand.usage}'.rstrip():34}{subcommand.help}")
    return "\n".join([*lines, "", *_EXAMPLES.get(program, ())]).rstrip()


_EXAMPLES = {
    "hadoop": (
        "Examples:",
        "  hadoop fs -put books hdfs:///books",
        "  hadoop jar hadoop-streaming.jar -input hdfs:///books -output hdfs:///counts \\",
        "    -mapper \"tr -s ' ' '\\n'\" -reducer \"uniq -c\"",
        "  hadoop fs -cat 'hdfs:///counts/part-*' | head",
        "",
        "hdfs:///, without a host, is a directory of this machine unless HADOOP_CONF_DIR (or",
        "--config) configures an HDFS: ~/.pyrite/hdfs, or that of PYRITE_HDFS_DIR. The command",
        "is Pyrite's: no JVM runs, and no daemons of Hadoop are needed.",
    ),
}


def hadoop() -> None:
    """Be the command ``hadoop``."""
    sys.exit(run("hadoop", sys.argv[1:]))


def hdfs() -> None:
    """Be the command ``hdfs``."""
    sys.exit(run("hdfs", sys.argv[1:]))


def mapred() -> None:
    """Be the command ``mapred``."""
    sys.exit(run("mapred", sys.argv[1:]))
