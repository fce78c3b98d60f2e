"""The standalone cluster: its master and its workers, as daemons of this machine.

    start-master    a Ray head without CPUs: places executors, serves the dashboard
    start-worker    a Ray node with CPUs: runs executors

What people told is one of the requests below; what Ray is asked for follows from it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyrite.core.cluster_token import MODE, make_token, token_file
from pyrite.core.conf import parse_bytes
from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.ray_head import admission
from pyrite.core.ray_node import node_command, start_node, stop_tree
from pyrite.deploy.pid_file import PidFile, pid_files

__all__ = ["MasterRequest", "WorkerRequest", "start_master", "start_workers", "stop"]

Say = Callable[[str], None]

#: Of Ray's client server, which programs on machines outside of the cluster may use.
_CLIENT_PORT = 10001
#: As many ports are tried for what people need not know by heart, as by spark.port.maxRetries.
_PORT_RETRIES = 16
_MASTER = re.compile(r"spark://(?P<host>[^/:,]+):(?P<port>[0-9]+)/?")
_LEAST_MEMORY = 1 << 20


@dataclass(frozen=True)
class MasterRequest:
    """A master that somebody asks for.

    Attributes:
        host: By which other machines reach it; None for the address they usually use.
        port: Where it listens.
        webui_port: Where the dashboard does; one of the next if that is taken.
    """

    host: str | None = None
    port: int = 7077
    webui_port: int = 8080

    def options(self, environment: Mapping[str, str]) -> dict[str, object]:
        """Return what ``ray start`` is told.

        Raises:
            SparkException: If the port is taken, or the host is unknown.
        """
        if not _is_free(self.port):
            raise SparkException(
                f"Port {self.port} is in use on this machine. Choose another with --port, or end "
                "what listens there ('pyrite stop-master', if it is a master)."
            )
        # Without a token whoever reaches the dashboard may run programs.
        is_open = environment.get(MODE, "token") == "token"
        return {
            "head": True,
            "node-ip-address": _address_of(self.host),
            "port": self.port,
            "num-cpus": 0,
            "num-gpus": 0,
            "include-dashboard": "true",
            "dashboard-host": "0.0.0.0" if is_open else "127.0.0.1",
            "dashboard-port": _first_free(self.webui_port),
            "ray-client-server-port": _first_free(_CLIENT_PORT),
            **_SHARED_MACHINE,
        }


@dataclass(frozen=True)
class WorkerRequest:
    """A worker that somebody asks for.

    Attributes:
        master: The master's URL, ``spark://host:port``.
        cores: CPUs for executors; None for all of the machine.
        memory: Memory for executors, such as ``8g``; None for what Ray finds.
        host: By which other machines reach it; None for the address they usually use.
        port: Where it listens; 0 for any.
    """

    master: str
    cores: int | None = None
    memory: str | None = None
    host: str | None = None
    port: int = 0

    @property
    def address(self) -> tuple[str, int]:
        """The master's host and port.

        Raises:
            SparkException: If the URL is none.
        """
        match = _MASTER.fullmatch(self.master)
        if match is None:
            raise SparkException(
                f"Invalid master URL: '{self.master}'. Write spark://host:7077; 'pyrite "
                "start-master' shows the URL of the master it starts."
            )
        return match["host"], int(match["port"])

    def options(self) -> dict[str, object]:
        """Return what ``ray start`` is told.

        Raises:
            SparkException: If the URL, the host or the memory is none.
        """
        host, port = self.address
        return {
            "address": f"{host}:{port}",
            "node-ip-address": _address_of(self.host),
            "num-cpus": self.cores,
            "memory": None if self.memory is None else _memory(self.memory),
            "node-manager-port": self.port,
            **_SHARED_MACHINE,
        }


#: Other nodes on the same machine must not want the same ports.
_SHARED_MACHINE: Mapping[str, object] = {
    "min-worker-port": 0,
    "max-worker-port": 0,
    "dashboard-agent-listen-port": 0,
    "disable-usage-stats": True,
}


def start_master(request: MasterRequest, environment: Mapping[str, str], say: Say) -> None:
    """Start a master as a daemon, and say what to do next.

    Raises:
        SparkException: If it cannot be started; the message says what to do.
    """
    _need_ray()
    pid_file = _unused("master", 1, environment)
    token = token_file(environment)
    has_token = "RAY_AUTH_TOKEN" in environment
    if environment.get(MODE, "token") == "token" and not has_token:
        _make_token(token, say)
    options = request.options(environment)
    address = _start(pid_file, options, {MODE: environment.get(MODE, "token")})
    url = f"spark://{request.host or address}:{request.port}"
    for line in (
        f"The master runs at {url}",
        f"Its dashboard: http://{request.host or address}:{options['dashboard-port']}",
        f"Its log: {pid_file.log}",
        "",
        *_what_workers_need(environment, token, has_token),
        "Start a worker, here and on other machines:",
        f"  pyrite start-worker {url}",
        "Run a program:",
        f"  pyrite submit --master {url} app.py",
        "End the master: pyrite stop-master",
    ):
        say(line)


def _make_token(token: Path, say: Say) -> None:
    try:
        if make_token(token):
            say(f"Made a new token: {token}")
    except OSError as error:
        raise SparkException(
            f"The cluster's token cannot be written to {token}: {error.strerror}. Name another "
            "file in RAY_AUTH_TOKEN_PATH."
        ) from None


def _what_workers_need(environment: Mapping[str, str], token: Path, has_token: bool) -> list[str]:
    if environment.get(MODE, "token") != "token":
        return ["Warning: RAY_AUTH_MODE turns tokens off: whoever reaches it may run programs.", ""]
    if has_token:
        return ["Its token is that of RAY_AUTH_TOKEN; set it on other machines, too.", ""]
    return [
        "Who has its token may run programs. Copy it to other machines, for their owner's eyes:",
        f"  {token}   (there: ~/.ray/auth_token, or what RAY_AUTH_TOKEN_PATH names)",
        "",
    ]


def start_workers(
    request: WorkerRequest, environment: Mapping[str, str], say: Say, instances: int = 1
) -> None:
    """Start workers as daemons, and say what to do next.

    Args:
        request: What each is like.
        environment: Where tokens, logs and pid files are looked up.
        say: Tells people what happens.
        instances: How many, as SPARK_WORKER_INSTANCES says.

    Raises:
        SparkException: If there is no such master, or one of them cannot be started.
    """
    _need_ray()
    options = request.options()
    pid_files = [_unused("worker", number, environment) for number in range(1, instances + 1)]
    host, port = request.address
    variables = admission(request.master, f"{host}:{port}", {})
    for pid_file in pid_files:
        address = _start(pid_file, options, variables)
        say(f"A worker of {request.master} runs at {address}; its log: {pid_file.log}")
    say("End it: pyrite stop-worker")


def _start(pid_file: PidFile, options: Mapping[str, object], variables: Mapping[str, str]) -> str:
    pid_file.log.parent.mkdir(parents=True, exist_ok=True)
    node = start_node(node_command(options), pid_file.log, variables)
    pid_file.write(node.process.pid)
    return node.address


def stop(role: str, environment: Mapping[str, str], say: Say) -> None:
    """End the daemons of a role that were started on this machine, and nothing else.

    Args:
        role: ``master`` or ``worker``.
        environment: Where pid files are looked up.
        say: Tells people what happens.
    """
    running = [
        (file, process) for file in pid_files(role, environment) if (process := file.process())
    ]
    for file, process in running:
        say(f"Stopping the {role} (process {process.pid}).")
        stop_tree(process.pid)
        file.remove()
    if not running:
        say(f"No {role} to stop: none was started here with 'pyrite start-{role}'.")


def _need_ray() -> None:
    if importlib.util.find_spec("ray") is None:
        raise SparkException("Clusters need Ray, which is not installed: pip install 'pyrite[ray]'")


def _unused(role: str, number: int, environment: Mapping[str, str]) -> PidFile:
    pid_file = PidFile.of(role, number, environment)
    if process := pid_file.process():
        raise SparkException(
            f"A {role} runs here as process {process.pid} already. Stop it first: "
            f"pyrite stop-{role}"
        )
    return pid_file


def _memory(text: str) -> int:
    try:
        memory = parse_bytes(text)
    except SparkIllegalArgumentException as error:
        raise SparkException(f"--memory: {error}") from None
    if memory < _LEAST_MEMORY:
        raise SparkException(f"--memory {text} is less than a megabyte: is an m or g missing?")
    return memory


def _address_of(host: str | None) -> str | None:
    if host is None:
        return None
    try:
        return socket.gethostbyname(host)
    except OSError as error:
        raise SparkException(f"--host {host}: {error.strerror}.") from None


def _first_free(port: int) -> int:
    for candidate in range(port, port + _PORT_RETRIES + 1):
        if _is_free(candidate):
            return candidate
    raise SparkException(
        f"The ports {port} to {port + _PORT_RETRIES} are all in use on this machine. Choose "
        "another with --webui-port."
    )


def _is_free(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
