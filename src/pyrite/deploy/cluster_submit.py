"""``--deploy-mode cluster``: a program's driver runs in the cluster, and this process may end."""

from __future__ import annotations

import secrets
import shlex
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.scheduler.master import parse_master
from pyrite.deploy.cluster_package import Submission, pack
from pyrite.deploy.interpreter import wanted_python
from pyrite.deploy.ray_jobs import DriverState, RayJobs

__all__ = ["act", "submit"]

Say = Callable[[str], None]
Write = Callable[[str], object]

_WAIT = ConfigEntry(
    "spark.standalone.submit.waitAppCompletion", "false", lambda text: text.lower() == "true"
)
#: Ray notices the end of a driver a little after its output.
_POLL_SECONDS = 0.5


def _check_cluster(url: str, what: str) -> None:
    if parse_master(url).ray_address in (None, "local"):
        raise SparkIllegalArgumentException(
            f'{what} is not compatible with master "{url}": name a cluster, such as '
            "--master spark://host:7077."
        )


def submit(submission: Submission, say: Say, write: Write) -> int:
    """Have a program run by its cluster.

    Args:
        submission: The program.
        say: Tells people what to do next.
        write: Takes the driver's id, or its output where that is waited for.

    Returns:
        0, or the driver's exit code where ``spark.standalone.submit.waitAppCompletion`` is set.

    Raises:
        SparkIllegalArgumentException: If the master is no cluster, or the program is not there.
        SparkException: If the cluster does not take it.
    """
    settings = submission.settings
    master = settings["spark.master"]
    _check_cluster(master, "Cluster deploy mode")
    jobs = RayJobs(master, settings)
    driver_id = f"driver-{time.strftime('%Y%m%d%H%M%S')}-{secrets.token_hex(2)}"
    with tempfile.TemporaryDirectory(prefix="pyrite-submit-") as folder:
        pack(_as_seen_there(submission), Path(folder))
        cores, memory = settings.get("spark.driver.cores"), settings.get("spark.driver.memory")
        jobs.submit(
            driver_id,
            _command(settings),
            folder,
            cores=float(cores) if cores else None,
            memory=parse_bytes(memory, "m") if memory else None,
            about={"application": settings.get("spark.app.name", submission.application)},
        )
    if _WAIT.read(settings):
        say(f"Submitted as {driver_id}; waiting for its end.")
        return _logs(jobs, driver_id, write)
    write(f"{driver_id}\n")
    say(f"Submitted to {master}. See how it fares, read what it prints, or end it:")
    for action in _ACTIONS:
        say(f"  pyrite submit --master {master} --{action} {driver_id}")
    return 0


def _as_seen_there(submission: Submission) -> Submission:
    """Return a submission whose driver joins the cluster from inside of it."""
    settings = dict(submission.settings)
    if not settings["spark.master"].startswith("spark://"):
        settings["spark.master"] = "ray:auto"
    return Submission(
        submission.application,
        submission.arguments,
        settings,
        submission.supervise,
        submission.show_engine,
    )


def _command(settings: Mapping[str, str]) -> str:
    choice = wanted_python(settings, {})
    python = choice[1] if choice else "python"
    return f"{shlex.quote(python)} -u -m pyrite.deploy.cluster_driver"


def _status(jobs: RayJobs, driver_id: str, write: Write) -> int:
    state = jobs.state(driver_id)
    write(f"State of {driver_id} is {state.name}\n")
    if state.name == "FAILED" and state.message:
        write(f"{state.message.rstrip()}\n")
    return 0


def _kill(jobs: RayJobs, driver_id: str, write: Write) -> int:
    was_running = jobs.kill(driver_id)
    write(
        f"Kill request for {driver_id} submitted\n"
        if was_running
        else f"Driver {driver_id} has already finished\n"
    )
    return 0


def _logs(jobs: RayJobs, driver_id: str, write: Write) -> int:
    """Hand on what a driver prints, to its end, and return its exit code."""
    jobs.follow(driver_id, write)
    while not (state := jobs.state(driver_id)).has_ended:
        time.sleep(_POLL_SECONDS)
    return _exit_code(state)


def _exit_code(state: DriverState) -> int:
    return 0 if state.name == "FINISHED" else state.exit_code or 1


_ACTIONS = {"status": _status, "kill": _kill, "logs": _logs}


def act(action: str, driver_id: str, settings: Mapping[str, str], write: Write) -> int:
    """Do something with a driver that was submitted.

    Args:
        action: ``status``, ``kill`` or ``logs``, which follows its output to its end.
        driver_id: What ``submit`` wrote.
        settings: They name the cluster.
        write: Takes the answer.

    Returns:
        0; after ``logs`` the driver's exit code.

    Raises:
        SparkException: If the cluster knows no such driver, or cannot be asked.
    """
    _check_cluster(settings["spark.master"], f"--{action}")
    return _ACTIONS[action](RayJobs(settings["spark.master"], settings), driver_id, write)
