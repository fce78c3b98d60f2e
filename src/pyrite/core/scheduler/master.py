"""Masters: what ``spark.master`` says about where an application runs."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import NamedTuple

from pyrite.core.errors import SparkException

__all__ = ["ClusterShape", "Master", "available_cores", "parse_master"]

_LOCAL = re.compile(r"local(?:\[(?P<threads>[0-9]+|\*)(?:,\s*(?P<failures>[0-9]+))?\s*\])?")
_LOCAL_CLUSTER = re.compile(
    r"local-cluster\[\s*(?P<executors>[0-9]+)\s*,\s*(?P<cores>[0-9]+)\s*,\s*(?P<memory>[0-9]+)\s*\]"
)
_RAY = re.compile(r"ray(?::auto|://[^/]+:[0-9]+)?")
_STANDALONE = re.compile(r"spark://(?P<address>[^/,]+:[0-9]+)")
_RAY_ADDRESSES = {"ray": "local", "ray:auto": "auto"}
_LATER = {"yarn": "YARN", "k8s": "Kubernetes"}


@dataclass(frozen=True)
class Master:
    """A parsed master.

    Attributes:
        url: As the user wrote it.
        executors: How many executors to start.
        cores: Tasks an executor runs at once.
        max_failures: Failures of a task before its job fails; None where
            ``spark.task.maxFailures`` decides.
        memory: Bytes each executor may use; None where the settings decide.
        in_driver: Whether the only executor is the driver itself, in Spark's terms.
        ray_address: What Ray is to join, for clusters; executors and cores are known then.
    """

    url: str
    executors: int
    cores: int
    max_failures: int | None
    memory: int | None
    in_driver: bool
    ray_address: str | None = None


class ClusterShape(NamedTuple):
    """The executors of an application.

    Attributes:
        executors: How many there are, or may be.
        cores: How many cores each has.
    """

    executors: int
    cores: int


def parse_master(url: str) -> Master:
    """Read ``local[N]`` and its kin, ``local-cluster[n,c,m]``, ``ray`` or ``spark://host:port``.

    Args:
        url: The master; ``m`` is in megabytes.

    Raises:
        SparkException: If it is none of these; the message says which there are.

    Example:
        >>> parse_master("local[2,3]").max_failures
        3
    """
    if match := _LOCAL.fullmatch(url):
        threads = match["threads"] or "1"
        cores = available_cores() if threads == "*" else int(threads)
        if cores < 1:
            raise SparkException(f"Asked to run locally with {cores} threads")
        return Master(url, 1, cores, int(match["failures"] or 1), None, in_driver=True)
    if match := _LOCAL_CLUSTER.fullmatch(url):
        executors, cores, megabytes = (int(match[key]) for key in ("executors", "cores", "memory"))
        if executors < 1 or cores < 1 or megabytes < 1:
            raise SparkException(f"Could not parse Master URL: '{url}': its numbers start at 1.")
        return Master(url, executors, cores, None, megabytes << 20, in_driver=False)
    if _RAY.fullmatch(url):
        return _of_ray(url, _RAY_ADDRESSES.get(url, url))
    if match := _STANDALONE.fullmatch(url):
        return _of_ray(url, match["address"])
    scheme = re.split(r"[:\[]", url, maxsplit=1)[0]
    if scheme == "mesos":
        raise SparkException(
            f"Could not parse Master URL: '{url}': Spark itself removed Mesos in 4.0. Use local[*]."
        )
    if scheme in _LATER:
        raise SparkException(
            f"Could not parse Master URL: '{url}': running on {_LATER[scheme]} is not supported "
            "yet. Use a Ray cluster there: ray:auto from inside of it, or spark://host:port."
        )
    raise SparkException(
        f"Could not parse Master URL: '{url}'. Write local, local[4], local[*], local[4,2] "
        "(4 tasks at once, 2 failures each) or local-cluster[2,1,1024] "
        "(2 executors of 1 core and 1024 MB); spark://host:7077 for a cluster that pyrite "
        "start-master began; ray, ray:auto or ray://host:10001 for Ray."
    )


def _of_ray(url: str, address: str) -> Master:
    return Master(url, 0, 0, None, None, in_driver=False, ray_address=address)


def available_cores() -> int:
    """Return the cores this process may use, which containers and taskset limit."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
