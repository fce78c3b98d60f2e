"""spark-submit's flags, as a table: what each sets, how its value is checked, how help tells it.

The order is that of the help page. Flags that only mean something to a JVM or to another
cluster manager are accepted, so that existing command lines work, and answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from pyrite.core.conf import parse_bytes

__all__ = ["FLAGS", "Answer", "Flag"]

Check = Callable[[str], object]


class Answer(Enum):
    """What happens when a flag is given; the value is the rest of the sentence that says so."""

    SET = ""
    #: Meaningless without that cluster manager; Spark passes over it in silence, too.
    SILENT = "has no effect on one machine"
    WARN = "is for the JVM, and Pyrite runs none: going on without it"
    REFUSE = "is not supported"


@dataclass(frozen=True)
class Flag:
    """One flag of spark-submit.

    Attributes:
        name: As typed, with its dashes.
        metavar: The word for its value in help; empty for a switch.
        setting: The key of SparkConf it sets, or empty.
        help: One sentence for people.
        section: The heading it stands under in help.
        check: Raises ValueError with the reason if a value cannot be used.
        answer: What becomes of it.
        remedy: For a refused flag: what to do instead.
        is_path_list: Whether the value names local files, separated by commas.
    """

    name: str
    metavar: str
    setting: str
    help: str
    section: str
    check: Check | None = None
    answer: Answer = Answer.SET
    remedy: str = ""
    is_path_list: bool = False


def _positive(thing: str) -> Check:
    def check(text: str) -> None:
        if not text.isascii() or not text.isdigit() or int(text) == 0:
            raise ValueError(f"{thing} must be a positive number, not '{text}'")

    return check


def _deploy_mode(text: str) -> None:
    if text not in ("client", "cluster"):
        raise ValueError(f'must be either "client" or "cluster", not \'{text}\'')


_APPLICATION = "Application"
_FILES = "Files to send along"
_RESOURCES = "Resources"
_ELSEWHERE = "Accepted, without effect here"
_REFUSED = "Not supported"

FLAGS = (
    Flag(
        "--master",
        "URL",
        "spark.master",
        "Where to run: local[N] takes N processes, local[*] one per core (the default), "
        "local[N,F] tries a task F times, local-cluster[N,C,MB] makes N executors of C slots, "
        "spark://HOST:PORT is a cluster of 'pyrite start-master', ray://HOST:PORT and ray:auto "
        "are others of Ray, ray is one on this machine that ends with the program.",
        _APPLICATION,
    ),
    Flag("--name", "NAME", "spark.app.name", "The application's name.", _APPLICATION),
    Flag(
        "--deploy-mode",
        "MODE",
        "spark.submit.deployMode",
        "Where the driver runs: client (the default), in this process; cluster, on a machine of "
        "the cluster that --master names.",
        _APPLICATION,
        _deploy_mode,
    ),
    Flag(
        "--supervise",
        "",
        "spark.driver.supervise",
        "With --deploy-mode cluster: start the driver again when it fails.",
        _APPLICATION,
    ),
    Flag(
        "--py-files",
        "LIST",
        "spark.submit.pyFiles",
        "Modules to import here and in tasks: .py, .zip or .egg files, separated by commas.",
        _FILES,
        is_path_list=True,
    ),
    Flag(
        "--files",
        "LIST",
        "spark.files",
        "Files that tasks find with SparkFiles.get(name), separated by commas.",
        _FILES,
        is_path_list=True,
    ),
    Flag(
        "--archives",
        "LIST",
        "spark.archives",
        "Archives unpacked beside them; file.zip#name says under which name.",
        _FILES,
        is_path_list=True,
    ),
    Flag(
        "--driver-memory",
        "SIZE",
        "spark.driver.memory",
        "Recorded; counts where the driver runs in a cluster.",
        _RESOURCES,
        parse_bytes,
    ),
    Flag(
        "--driver-cores",
        "N",
        "spark.driver.cores",
        "Recorded; counts where the driver runs in a cluster.",
        _RESOURCES,
        _positive("Driver cores"),
    ),
    Flag(
        "--executor-memory",
        "SIZE",
        "spark.executor.memory",
        "Memory of an executor, such as 512m or 2g; past it, work spills to disk.",
        _RESOURCES,
        parse_bytes,
    ),
    Flag(
        "--executor-cores",
        "N",
        "spark.executor.cores",
        "Tasks an executor runs at a time.",
        _RESOURCES,
        _positive("Executor cores"),
    ),
    Flag(
        "--num-executors",
        "N",
        "spark.executor.instances",
        "How many executors.",
        _RESOURCES,
        _positive("Number of executors"),
    ),
    Flag(
        "--total-executor-cores",
        "N",
        "spark.cores.max",
        "Cores of all executors together.",
        _RESOURCES,
        _positive("Total executor cores"),
    ),
    *(
        Flag(name, metavar, setting, "For the JVM.", _ELSEWHERE, answer=Answer.WARN)
        for name, metavar, setting in (
            ("--class", "NAME", ""),
            ("--jars", "LIST", "spark.jars"),
            ("--packages", "LIST", "spark.jars.packages"),
            ("--exclude-packages", "LIST", "spark.jars.excludes"),
            ("--repositories", "LIST", "spark.jars.repositories"),
            ("--driver-java-options", "TEXT", "spark.driver.extraJavaOptions"),
            ("--driver-library-path", "PATH", "spark.driver.extraLibraryPath"),
            ("--driver-class-path", "PATH", "spark.driver.extraClassPath"),
        )
    ),
    *(
        Flag(name, metavar, setting, "For YARN and Kubernetes.", _ELSEWHERE, answer=Answer.SILENT)
        for name, metavar, setting in (
            ("--queue", "NAME", "spark.yarn.queue"),
            ("--principal", "NAME", "spark.kerberos.principal"),
            ("--keytab", "FILE", "spark.kerberos.keytab"),
        )
    ),
    *(
        Flag(name, metavar, "", remedy, _REFUSED, answer=Answer.REFUSE, remedy=remedy)
        for name, metavar, remedy in (
            ("--proxy-user", "NAME", "Start Pyrite as that user instead."),
            ("--remote", "URL", "Run the program with python, and give the URL to its session."),
        )
    ),
)
