"""A Ray node: the processes that make one machine a part of a cluster, started as one.

``ray start --block`` starts Ray's processes, stays their parent, and ends them when it is told
to end. So a node is a single process here, to be watched and stopped; other nodes of the machine,
be they the user's own, are never touched.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from pyrite.core.errors import SparkException

__all__ = ["LENT", "StartedNode", "has_node", "node_command", "start_node", "stop_tree"]

#: A busy machine takes its time to import Ray in a dozen processes.
_START_SECONDS = 180.0
#: Ray lets work on a node end for half a minute after it was told to stop.
_STOP_SECONDS = 40.0
#: What is left of a node's processes ends by itself when the node did, or is killed.
_REST_SECONDS = 5.0

#: What the folders of lent nodes begin with.
LENT = "pyrite-driver-node-"

_STARTED = "Ray runtime started."
_IP = re.compile(r"Local node IP: (\S+)")
_ERROR = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception): (?P<said>.+)", re.MULTILINE)

_UNTIL_PARENT_ENDS = """
import shutil, subprocess, sys, threading
node = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
told = []
def wait():
    told.append(sys.stdin.read())
    node.terminate()
threading.Thread(target=wait, daemon=True).start()
code = node.wait()
if told:
    shutil.rmtree(sys.argv[1], ignore_errors=True)
sys.exit(code)
"""


@dataclass(frozen=True)
class StartedNode:
    """A node that runs.

    Attributes:
        process: The parent of its processes.
        address: Its address, as other machines know it.
    """

    process: subprocess.Popen[bytes]
    address: str

    def stop(self) -> None:
        """End the node and wait until it has ended."""
        if self.process.stdin is not None:
            self.process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_STOP_SECONDS)
        stop_tree(self.process.pid)
        self.process.wait()


def node_command(options: Mapping[str, object]) -> list[str]:
    """Return the command that runs a node until it is told to end.

    Args:
        options: Flags of ``ray start`` and their values; True for a switch, None for no flag.

    Example:
        >>> node_command({"head": True, "port": 7077, "memory": None})[3:]
        ['start', '--block', '--log-style=record', '--log-color=false', '--head', '--port=7077']
    """
    flags = (
        f"--{name}" if value is True else f"--{name}={value}"
        for name, value in options.items()
        if value is not None
    )
    ray = [sys.executable, "-m", "ray.scripts.scripts"]
    return [*ray, "start", "--block", "--log-style=record", "--log-color=false", *flags]


def _tied(command: Sequence[str], folder: str) -> list[str]:
    """Return a command that ends another, and removes a folder, when its input is closed."""
    return [sys.executable, "-S", "-c", _UNTIL_PARENT_ENDS, folder, *command]


def start_node(
    command: Sequence[str], log: Path, variables: Mapping[str, str], *, is_lent: bool = False
) -> StartedNode:
    """Start a node and wait until it is a part of its cluster.

    Args:
        command: What ``node_command`` returned.
        log: The file its output goes to.
        variables: Environment variables, besides those of this process.
        is_lent: Whether it is for this process alone. It ends with it, however that ends, and
            the folder of its log goes then.

    Raises:
        SparkException: If it does not start; the message says why, and where the log is.
    """
    environment = {**os.environ, **variables}
    environment.pop("RAY_ADDRESS", None)
    environment.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Ray's jobs look for python there, and are to find this one.
    environment["PATH"] = os.pathsep.join(
        [os.path.dirname(sys.executable), environment.get("PATH", os.defpath)]
    )
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with open(os.open(log, flags, 0o600), "wb") as output:
        process = subprocess.Popen(
            _tied(command, str(log.parent)) if is_lent else command,
            stdin=subprocess.PIPE if is_lent else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    try:
        return StartedNode(process, _wait_for_start(process, log))
    except BaseException:
        stop_tree(process.pid)
        process.wait()
        raise


def _wait_for_start(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        has_ended = process.poll() is not None
        text = log.read_text(errors="replace")
        if _STARTED in text and (address := _IP.search(text)):
            return address[1]
        if has_ended:
            said = _ERROR.findall(text) or text.splitlines()[-1:] or ["it said nothing"]
            raise SparkException(f"Ray did not start: {said[-1]} (the whole log: {log})")
        time.sleep(0.1)
    raise SparkException(f"Ray did not start within {_START_SECONDS:.0f} s; its log is {log}")


def stop_tree(pid: int) -> None:
    """End a node: its process, and those that Ray started for it.

    Args:
        pid: The process that ``start_node`` returned; one that is gone is no error.
    """
    with contextlib.suppress(psutil.NoSuchProcess):
        node = psutil.Process(pid)
        family = node.children(recursive=True)
        node.terminate()
        psutil.wait_procs([node], timeout=_STOP_SECONDS)
        _, left = psutil.wait_procs(family, timeout=_REST_SECONDS)
        for process in [node, *left]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


def has_node(address: str) -> bool:
    """Return whether this machine is a part of a cluster already.

    Nodes that are lent to other programs do not count: they end with these.

    Args:
        address: ``host:port`` of the cluster's head.
    """
    wanted = _place(address)
    return any(
        _place(word.partition("=")[2]) == wanted
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "raylet"
        and not any(LENT in word for word in process.info["cmdline"] or ())
        for word in process.info["cmdline"] or ()
        if word.startswith("--gcs-address=")
    )


def _place(address: str) -> tuple[str | None, str]:
    """Return an IP address and a port; None for this machine, which has many names."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError):
        host = socket.gethostbyname(host)
    return (None if _is_here(host) else host), port


def _is_here(host: str) -> bool:
    if host.startswith("127."):
        return True
    return any(
        each.address == host for addresses in psutil.net_if_addrs().values() for each in addresses
    )
