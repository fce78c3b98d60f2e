"""RayJobs: drivers in a cluster, which are jobs to Ray.

Ray's dashboard takes them, runs each beside its head (or where there is room for what it asks
for), and keeps their output.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyrite.core.cluster_token import MODE, read_token, token_variables
from pyrite.core.errors import SparkException
from pyrite.core.ray_head import admission

__all__ = ["DriverState", "RayJobs"]

_SPARK = re.compile(r"spark://([^/]+)")
_CLIENT = re.compile(r"ray://(?P<host>[^/:]+):[0-9]+")
#: Where a dashboard is unless somebody has said otherwise, as on Kubernetes.
_DASHBOARD_PORT = 8265
_UNKNOWN = re.compile(r"status code 404")

#: Ray's names of states, and Spark's.
_STATES = {
    "PENDING": "SUBMITTED",
    "RUNNING": "RUNNING",
    "STOPPED": "KILLED",
    "SUCCEEDED": "FINISHED",
    "FAILED": "FAILED",
}


@dataclass(frozen=True)
class DriverState:
    """How a driver fares.

    Attributes:
        name: Spark's word: SUBMITTED, RUNNING, FINISHED, FAILED or KILLED.
        exit_code: What it ended with, if it did.
        message: What Ray has to say.
    """

    name: str
    exit_code: int | None = None
    message: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether it will not change any more."""
        return self.name in ("FINISHED", "FAILED", "KILLED")


class RayJobs:
    """The drivers of a cluster.

    Args:
        master: The cluster: ``spark://host:port``, ``ray://host:port`` or ``ray:auto``.
        conf: Settings, which may have the cluster's token.

    Raises:
        SparkException: If the cluster cannot be reached.
    """

    def __init__(self, master: str, conf: Mapping[str, str]) -> None:
        self._master = master
        address: str | None = None
        # Ray reads the environment when it is imported, and lets it win over what it is told.
        if spark := _SPARK.fullmatch(master):
            address = spark[1]
            os.environ.update(admission(master, address, conf))
            os.environ.pop("RAY_ADDRESS", None)
        elif MODE not in os.environ and read_token(conf, os.environ):
            os.environ.update(token_variables(conf, os.environ))
        if client := _CLIENT.fullmatch(master):
            address = f"http://{client['host']}:{_DASHBOARD_PORT}"
            os.environ.pop("RAY_ADDRESS", None)
        try:
            from ray.job_submission import JobSubmissionClient
        except ModuleNotFoundError as error:
            raise SparkException(
                f"Cluster deploy mode needs Ray's job client, which is not installed ({error}): "
                "pip install 'pyrite[ray]'."
            ) from None
        # It has a logger for each module, which tell of packages and sockets.
        logging.disable(logging.INFO)
        with self._errors():
            self._client: Any = JobSubmissionClient(address)

    def submit(
        self,
        driver_id: str,
        command: str,
        folder: str,
        *,
        cores: float | None,
        memory: int | None,
        about: Mapping[str, str],
    ) -> None:
        """Have a driver started.

        Args:
            driver_id: Its name from now on.
            command: What the shell of one of the machines is to run.
            folder: What that machine gets a copy of, as the current directory.
            cores: CPUs it takes; None if it may run beside the head.
            memory: Bytes it takes; None likewise.
            about: What the dashboard shows of it.
        """
        with self._errors():
            self._client.submit_job(
                entrypoint=command,
                submission_id=driver_id,
                runtime_env={"working_dir": folder},
                metadata=dict(about),
                entrypoint_num_cpus=cores,
                entrypoint_memory=memory,
            )

    def state(self, driver_id: str) -> DriverState:
        """Return how a driver fares."""
        with self._errors(driver_id):
            details = self._client.get_job_info(driver_id)
        return DriverState(
            _STATES[details.status.value], details.driver_exit_code, details.message or ""
        )

    def kill(self, driver_id: str) -> bool:
        """End a driver; return whether it was still running."""
        with self._errors(driver_id):
            return bool(self._client.stop_job(driver_id))

    def follow(self, driver_id: str, write: Callable[[str], object]) -> None:
        """Hand on what a driver has printed and prints, until it ends."""

        async def follow() -> None:
            async for text in self._client.tail_job_logs(driver_id):
                write(text)

        self.state(driver_id)  # of a driver that it does not know, Ray's logs only say 404
        with self._errors(driver_id):
            asyncio.run(follow())

    @contextlib.contextmanager
    def _errors(self, driver_id: str = "") -> Iterator[None]:
        """Turn the errors of Ray's client into one sentence."""
        try:
            yield
        except (RuntimeError, ConnectionError, ValueError, OSError) as error:
            if driver_id and _UNKNOWN.search(str(error)):
                raise SparkException(
                    f"The cluster '{self._master}' knows no driver '{driver_id}'."
                ) from None
            raise SparkException(
                f"The dashboard of the cluster '{self._master}', which takes programs, cannot be "
                f"asked: {str(error).strip().rstrip('.')}. Where it is elsewhere, name it in "
                "RAY_API_SERVER_ADDRESS, as http://host:port."
            ) from None
