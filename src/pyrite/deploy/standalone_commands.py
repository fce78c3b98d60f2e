"""The commands of standalone clusters: ``start-master``, ``start-worker``, ``stop-*``.

Flags and environment variables are those of the scripts in Spark's sbin directory, under whose
names the commands are there, too.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import click

from pyrite.core.errors import SparkException
from pyrite.deploy import standalone

__all__ = ["COMMANDS", "start_master", "start_worker", "stop_all", "stop_master", "stop_worker"]

# In Spark's scripts -h is the host.
_SETTINGS = {"help_option_names": ["--help"], "max_content_width": 100}
_PORT = click.IntRange(0, 65535)


@click.command(
    name="start-master",
    short_help="Start a cluster's master on this machine.",
    context_settings=_SETTINGS,
    epilog="Examples:\n\n\b\n  pyrite start-master\n"
    "  pyrite start-master --host head.example.org --port 7077\n\n"
    "It is a Ray head and runs in the background until 'pyrite stop-master'. Programs and workers "
    "need its token, which is kept in ~/.ray/auth_token, or where RAY_AUTH_TOKEN_PATH says; "
    "RAY_AUTH_MODE=disabled goes without. Pid files are in SPARK_PID_DIR, logs in SPARK_LOG_DIR.",
)
@click.option(
    "-h",
    "--host",
    "-i",
    "--ip",
    metavar="HOST",
    envvar="SPARK_MASTER_HOST",
    show_envvar=True,
    help="By which other machines reach this one.",
)
@click.option(
    "-p",
    "--port",
    type=_PORT,
    metavar="PORT",
    envvar="SPARK_MASTER_PORT",
    show_envvar=True,
    default=7077,
    show_default=True,
    help="Where workers and programs connect.",
)
@click.option(
    "--webui-port",
    type=_PORT,
    metavar="PORT",
    envvar="SPARK_MASTER_WEBUI_PORT",
    show_envvar=True,
    default=8080,
    show_default=True,
    help="The dashboard's port; one of the next if it is taken.",
)
def start_master(host: str | None, port: int, webui_port: int) -> None:
    """Start the master of a cluster on this machine.

    It places executors and runs none; add workers with 'pyrite start-worker'.
    """
    request = standalone.MasterRequest(host, port, webui_port)
    with _errors_for_people():
        standalone.start_master(request, os.environ, click.echo)


@click.command(
    name="start-worker",
    short_help="Add this machine to a cluster.",
    context_settings=_SETTINGS,
    epilog="Examples:\n\n\b\n  pyrite start-worker spark://head:7077\n"
    "  pyrite start-worker spark://head:7077 -c 8 -m 16g\n\n"
    "It runs in the background until 'pyrite stop-worker'. The master's token must be in "
    "~/.ray/auth_token, or where RAY_AUTH_TOKEN_PATH says.",
)
@click.argument("master", metavar="MASTER")
@click.option(
    "-c",
    "--cores",
    type=click.IntRange(1),
    metavar="N",
    envvar="SPARK_WORKER_CORES",
    show_envvar=True,
    help="Cores for executors; all of the machine, unless you say otherwise.",
)
@click.option(
    "-m",
    "--memory",
    metavar="SIZE",
    envvar="SPARK_WORKER_MEMORY",
    show_envvar=True,
    help="Memory for executors, such as 512m or 16g.",
)
@click.option(
    "-h",
    "--host",
    "-i",
    "--ip",
    metavar="HOST",
    envvar="SPARK_WORKER_HOST",
    show_envvar=True,
    help="By which other machines reach this one.",
)
@click.option(
    "-p",
    "--port",
    type=_PORT,
    metavar="PORT",
    envvar="SPARK_WORKER_PORT",
    show_envvar=True,
    default=0,
    help="Where the worker listens; any, unless you say otherwise.",
)
def start_worker(
    master: str, cores: int | None, memory: str | None, host: str | None, port: int
) -> None:
    """Add this machine to the cluster of MASTER, which is written as spark://host:port.

    SPARK_WORKER_INSTANCES starts several workers at once.
    """
    instances = os.environ.get("SPARK_WORKER_INSTANCES", "1")
    if not instances.isdecimal() or int(instances) < 1:
        raise click.ClickException(f"SPARK_WORKER_INSTANCES={instances} is no number of workers.")
    request = standalone.WorkerRequest(master, cores, memory, host, port)
    with _errors_for_people():
        standalone.start_workers(request, os.environ, click.echo, int(instances))


@click.command(name="stop-master", short_help="End this machine's master.")
def stop_master() -> None:
    """End the master that was started on this machine; running programs end with it."""
    standalone.stop("master", os.environ, click.echo)


@click.command(name="stop-worker", short_help="Take this machine out of its cluster.")
def stop_worker() -> None:
    """End the workers that were started on this machine."""
    standalone.stop("worker", os.environ, click.echo)


@click.command(name="stop-all", short_help="End this machine's workers and its master.")
def stop_all() -> None:
    """End the workers and the master that were started on this machine.

    Workers on other machines are ended there, with 'pyrite stop-worker'.
    """
    for role in ("worker", "master"):
        standalone.stop(role, os.environ, click.echo)


@contextlib.contextmanager
def _errors_for_people() -> Iterator[None]:
    """End the command with a message where something went wrong that people can mend."""
    try:
        yield
    except (SparkException, OSError) as error:
        raise click.ClickException(str(error)) from None


COMMANDS = (start_master, start_worker, stop_master, stop_worker, stop_all)
