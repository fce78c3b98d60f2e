"""The commands ``pyrite``, ``spark-submit``, ``pyspark`` and ``spark-sql``.

Each is a few lines: the flags are read by ``flag_command``, resolved by ``submit`` and announced
to ``launch_settings``; then ``application`` or ``shell`` takes over.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.deploy import launch_settings
from pyrite.deploy.flag_command import (
    WORDS,
    FlagCommand,
    Misused,
    show_version,
    submit_arguments,
    version_text,
)
from pyrite.deploy.interpreter import go_on_in_wanted_python
from pyrite.deploy.standalone_commands import COMMANDS as STANDALONE_COMMANDS

__all__ = ["main", "pyspark", "spark_sql", "spark_submit"]

_SECRET = re.compile(r"(?i)secret|password|passphrase|token|access[.]?key|credential")
_NAME_OF_SHELL = "PySparkShell"
_NAME_OF_SQL_SHELL = "SparkSQL"

#: What the commands whose driver is always this process are to Spark.
_DRIVERS_HERE = {
    _NAME_OF_SHELL: "Spark shells",
    _NAME_OF_SQL_SHELL: "Spark SQL shell",
    "Spark Connect server": "Spark Connect server",
}


def _resolve(
    options: dict[str, Any], app_name: str, words: Sequence[str] | None = None
) -> dict[str, str]:
    """Resolve the settings, and go on in the Python they name where ``words`` start it.

    A driver in a cluster is of a Python that is there.
    """
    warnings: list[str] = []
    try:
        settings = submit_arguments(options).settings(app_name, warn=warnings.append)
        if words is not None and settings["spark.submit.deployMode"] == "client":
            go_on_in_wanted_python(settings, words)
    except SparkIllegalArgumentException as error:
        raise click.ClickException(str(error)) from None
    for warning in warnings:
        click.echo(warning, err=True)
    return settings


def _resolve_here(options: dict[str, Any], app_name: str) -> dict[str, str]:
    """Resolve the settings of a command whose driver can only be this process."""
    settings = _resolve(options, app_name)
    if settings["spark.submit.deployMode"] == "cluster":
        raise click.ClickException(
            f"Cluster deploy mode is not applicable to {_DRIVERS_HERE[app_name]}."
        )
    return settings


def _announce(options: dict[str, Any], settings: dict[str, str]) -> None:
    """Make settings what ``SparkConf()`` starts from."""
    from pyrite.deploy.application import add_python_files

    if options["verbose"]:
        click.echo(version_text(), err=True)
        for key, value in sorted(settings.items()):
            click.echo(f"  {key}={'(hidden)' if _SECRET.search(key) else value}", err=True)
    add_python_files([path for path in settings.get("spark.submit.pyFiles", "").split(",") if path])
    launch_settings.announce(settings)


@click.command(
    cls=FlagCommand,
    name="submit",
    short_help="Run a PySpark program.",
    epilog="Examples:\n\n\b\n  pyrite submit app.py input.txt\n"
    "  pyrite submit --master 'local[4]' --py-files helpers.py app.py --its-own-flag\n"
    "  pyrite submit --conf spark.task.maxFailures=2 --files rules.txt app.py\n"
    "  pyrite submit --master spark://head:7077 app.py\n"
    "  pyrite submit --master spark://head:7077 --deploy-mode cluster --supervise app.py\n"
    "  pyrite submit --master spark://head:7077 --logs driver-20260131120000-3f2a\n\n"
    "With --deploy-mode cluster the driver's id is printed and the command ends, unless "
    "spark.standalone.submit.waitAppCompletion is true.",
)
@click.option("--status", metavar="ID", help="Tell how a driver in the cluster fares.")
@click.option("--logs", metavar="ID", help="Show what a driver in the cluster prints, to its end.")
@click.option("--kill", metavar="ID", help="End a driver in the cluster.")
@click.argument("application", metavar="APP.PY", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS...]")
def submit(application: str | None, arguments: Sequence[str], **options: Any) -> None:
    """Run a PySpark program: in this process, or with --deploy-mode cluster in the cluster.

    Flags come before the program; what follows it is the program's own. Settings in the
    program's code win over flags, flags over --conf, and these over files.
    """
    asked = [(action, options[action]) for action in ("status", "logs", "kill") if options[action]]
    if asked:
        with _errors_for_people():
            from pyrite.deploy import cluster_submit

            settings = _resolve(options, _NAME_OF_SHELL)
            sys.exit(cluster_submit.act(*asked[0], settings, _write))
    if application is None:
        raise Misused("Missing argument 'APP.PY'.", click.get_current_context())
    from pyrite.deploy.application import run_application

    if application.endswith((".jar", ".R")):
        raise click.ClickException(
            f"'{application}' needs a JVM or R; Pyrite runs Python programs (.py)."
        )
    words = ["submit", *click.get_current_context().meta[WORDS]]
    settings = _resolve(options, os.path.basename(application), words)
    if settings["spark.submit.deployMode"] == "cluster":
        sys.exit(_submit_to_cluster(application, arguments, settings, options["verbose"]))
    if settings.get("spark.driver.supervise") == "true":
        click.echo("--supervise has no effect without --deploy-mode cluster.", err=True)
    _announce(options, settings)
    sys.exit(run_application(application, arguments, show_engine=options["verbose"]))


def _submit_to_cluster(
    application: str, arguments: Sequence[str], settings: dict[str, str], show_engine: bool
) -> int:
    from pyrite.deploy import cluster_submit
    from pyrite.deploy.cluster_package import Submission

    supervise = settings.get("spark.driver.supervise") == "true"
    submission = Submission(application, [*arguments], settings, supervise, show_engine)
    with _errors_for_people():
        return cluster_submit.submit(submission, lambda line: click.echo(line, err=True), _write)


@contextlib.contextmanager
def _errors_for_people() -> Iterator[None]:
    """End the command with a message where something went wrong that people can mend."""
    try:
        yield
    except (SparkException, SparkIllegalArgumentException) as error:
        raise click.ClickException(str(error)) from None


def _write(text: str) -> None:
    click.echo(text, nl=False)


@click.command(
    cls=FlagCommand,
    name="shell",
    short_help="Talk to a SparkSession, in Python.",
    epilog="Example:\n\n\b\n  pyrite shell --master 'local[2]'",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="")
def shell(words: Sequence[str], **options: Any) -> None:
    """Start an interactive Python session with 'spark' and 'sc' ready.

    It is IPython when that is installed.
    """
    if words and words[0].endswith(".py"):
        raise click.ClickException(
            "Running python applications through 'pyspark' is not supported. "
            f"Use: pyrite submit {words[0]}"
        )
    if words:
        raise click.ClickException(f"the shell takes flags only, not '{words[0]}'.")
    from pyrite.deploy.shell import run_shell

    _announce(options, _resolve_here(options, _NAME_OF_SHELL))
    sys.exit(run_shell())


@click.command(
    cls=FlagCommand,
    name="connect",
    short_help="Let programs elsewhere use this engine (Spark Connect).",
    epilog="Examples:\n\n\b\n  pyrite connect\n"
    "  pyrite connect --master 'local[4]' --port 15010\n"
    "  SPARK_CONNECT_AUTHENTICATE_TOKEN=secret pyrite connect --host 0.0.0.0 \\\n"
    "    --tls-certificate server.pem --tls-key server.key\n\n"
    "A program then begins with:\n\n\b\n"
    '  SparkSession.builder.remote("sc://localhost:15002").getOrCreate()',
)
@click.option(
    "--host",
    metavar="ADDRESS",
    help="Where to listen; 127.0.0.1, for this machine only, unless you say otherwise.",
)
@click.option("--port", type=click.IntRange(0, 65535), metavar="PORT", help="15002; 0 for any.")
@click.option(
    "--tls-certificate",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="A certificate (PEM), for encrypted connections; needs --tls-key.",
)
@click.option(
    "--tls-key",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="The certificate's private key (PEM).",
)
def connect(
    host: str | None,
    port: int | None,
    tls_certificate: str | None,
    tls_key: str | None,
    **options: Any,
) -> None:
    """Listen for programs that use this engine over the network, until Ctrl-C.

    Only this machine is let in by default. Before you listen on another --host, choose a token
    that clients must give: as spark.connect.authenticate.token, or in the environment as
    SPARK_CONNECT_AUTHENTICATE_TOKEN. Clients send tokens over TLS only.
    """
    if (tls_certificate is None) != (tls_key is None):
        raise click.UsageError("--tls-certificate and --tls-key go together.")
    from pyrite.deploy import connect_server

    settings = _resolve_here(options, "Spark Connect server")
    if host is not None:
        settings[connect_server.HOST.key] = host
    if port is not None:
        settings[connect_server.PORT.key] = str(port)
    _announce(options, settings)
    connect_server.serve(tls_certificate, tls_key)


@click.command(
    cls=FlagCommand,
    name="sql",
    short_help="Run SQL: from a prompt, a file, or -e.",
    epilog="Examples:\n\n\b\n"
    "  pyrite sql\n"
    "  pyrite sql -e 'SELECT _c0, count(*) FROM csv.`visits.csv` GROUP BY ALL'\n"
    "  pyrite sql -f report.sql -d day=2026-01-31 > report.tsv\n"
    "  pyrite sql --conf spark.sql.cli.print.header=true -S -e 'SHOW TABLES'\n\n"
    "At the prompt a statement ends with a semicolon and may take many lines. '!ls' runs a "
    "command of the system, 'source file.sql' a file, 'quit' leaves; Ctrl-C cancels the "
    "statement that runs.",
)
@click.option("-e", "statements", metavar="SQL", multiple=True, help="Run statements, and end.")
@click.option("-f", "file", metavar="FILE", help="Run the statements of a file, and end.")
@click.option("-i", "initial_file", metavar="FILE", help="Run a file before all else.")
@click.option("--database", metavar="NAME", help="The database to start in; 'default'.")
@click.option(
    "-d",
    "--define",
    "--hivevar",
    "define",
    metavar="NAME=VALUE",
    multiple=True,
    help="A value for ${NAME} in statements.",
)
@click.option(
    "--hiveconf",
    "hiveconf",
    metavar="NAME=VALUE",
    multiple=True,
    help="A setting of the session; in statements ${hiveconf:NAME}.",
)
@click.option("-S", "--silent", is_flag=True, help="Show rows and errors, but no times.")
def sql(
    statements: Sequence[str],
    file: str | None,
    initial_file: str | None,
    database: str | None,
    define: Sequence[str],
    hiveconf: Sequence[str],
    silent: bool,
    **options: Any,
) -> None:
    """Run SQL statements and print their rows, tab-separated.

    Without -e and -f it asks for statements, or reads them from a pipe. Tables are kept in the
    directory of spark.sql.warehouse.dir: spark-warehouse, unless you say otherwise.
    """
    if statements and file is not None:
        raise click.UsageError("-e and -f cannot be given together.")
    variables = {**_assignments("--hiveconf", hiveconf), **_assignments("-d", define)}
    from pyrite.deploy.sql_shell import SqlShellOptions, run_sql_shell

    _announce(options, _resolve_here(options, _NAME_OF_SQL_SHELL))
    wanted = SqlShellOptions(
        statements=tuple(statements),
        file=file,
        initial_file=initial_file,
        database=database,
        silent=silent,
        echo=options["verbose"],
        variables=variables,
    )
    sys.exit(run_sql_shell(wanted))


def _assignments(flag: str, texts: Sequence[str]) -> dict[str, str]:
    values = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.UsageError(f"{flag} {text}: write it as name=value.")
        values[name.strip()] = value
    return values


@click.command(
    name="mapreduce",
    short_help="Run any executables as mapper and reducer, as Hadoop Streaming does.",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def mapreduce(words: Sequence[str]) -> None:
    """Run any executables as mapper and reducer, as Hadoop Streaming does."""
    from pyrite.deploy.mapreduce_command import run

    sys.exit(run(words, program="pyrite mapreduce", live=True))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Pyrite runs PySpark programs without a JVM."""


main.add_command(submit)
main.add_command(shell)
main.add_command(sql)
main.add_command(connect)
main.add_command(mapreduce)
for command in STANDALONE_COMMANDS:
    main.add_command(command)

#: The commands under the names that Spark gives them.
spark_submit: Callable[..., Any] = submit
pyspark: Callable[..., Any] = shell
spark_sql: Callable[..., Any] = sql
