"""The standalone cluster's commands, as far as they go without Ray's processes."""

import os
import socket
import subprocess
import sys

import psutil
import pytest
from click.testing import CliRunner

from pyrite.core.errors import SparkException
from pyrite.deploy.cli import main
from pyrite.deploy.pid_file import PidFile, pid_files
from pyrite.deploy.standalone import MasterRequest, WorkerRequest, stop


@pytest.fixture
def environment(tmp_path):
    return {"SPARK_PID_DIR": str(tmp_path), "SPARK_IDENT_STRING": "tests"}


@pytest.fixture
def daemon():
    process = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def taken():
    """A port that something listens on."""
    with socket.create_server(("", 0)) as server:
        yield server.getsockname()[1]


def run(environment, *words):
    result = CliRunner(env=environment).invoke(main, words)
    return result.exit_code, result.output


def test_a_daemon_is_remembered_and_only_it_is_stopped(environment, daemon):
    file = PidFile.of("worker", 2, environment)
    file.write(daemon.pid)
    assert file.process().pid == daemon.pid
    assert pid_files("worker", environment) == [file]
    assert pid_files("master", environment) == []
    said = []
    stop("worker", environment, said.append)
    daemon.wait(60)
    assert said == [f"Stopping the worker (process {daemon.pid})."]
    assert not file.path.exists()


def test_a_later_process_with_the_same_number_is_another(environment):
    file = PidFile.of("worker", 1, environment)
    file.path.write_text(f"{os.getpid()} {psutil.Process().create_time() - 100}")
    assert file.process() is None
    said = []
    stop("worker", environment, said.append)
    assert said[0].startswith("No worker to stop")


@pytest.mark.parametrize("text", ["", "12", "x y", "99999999 1.0"])
def test_other_files_are_no_daemons(text, environment):
    file = PidFile.of("master", 1, environment)
    file.path.write_text(text)
    assert file.process() is None


def test_a_second_master_is_refused(environment, daemon):
    PidFile.of("master", 1, environment).write(daemon.pid)
    code, output = run(environment, "start-master")
    assert (code, daemon.poll()) == (1, None)
    assert f"A master runs here as process {daemon.pid} already." in output


def test_a_port_in_use_is_named(environment, tmp_path, taken):
    environment["RAY_AUTH_TOKEN_PATH"] = str(tmp_path / "token")
    code, output = run(environment, "start-master", "--port", str(taken))
    assert code == 1
    assert f"Port {taken} is in use" in output
    assert "--port" in output


def test_the_dashboard_takes_the_next_free_port(taken):
    assert taken < MasterRequest(port=0, webui_port=taken).options({})["dashboard-port"]


def test_without_tokens_the_dashboard_is_for_this_machine_only():
    hosts = [
        MasterRequest(port=0).options(environment)["dashboard-host"]
        for environment in ({}, {"RAY_AUTH_MODE": "disabled"})
    ]
    assert hosts == ["0.0.0.0", "127.0.0.1"]


def test_what_a_worker_asks_for():
    options = WorkerRequest("spark://head:7077", 2, "1g", "127.0.0.1").options()
    assert (options["address"], options["num-cpus"]) == ("head:7077", 2)
    assert (options["memory"], options["node-ip-address"]) == (1 << 30, "127.0.0.1")


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (WorkerRequest("head:7077"), "Write spark://host:7077"),
        (WorkerRequest("spark://h:1", memory="4"), "is an m or g missing"),
        (WorkerRequest("spark://h:1", memory="much"), "--memory: 'much' is not a memory size"),
    ],
)
def test_mistakes_in_requests_are_named(request_, said):
    with pytest.raises(SparkException, match=said):
        request_.options()


def test_an_unknown_master_is_named(environment):
    with socket.create_server(("", 0)) as server:
        port = server.getsockname()[1]
    code, output = run(environment, "start-worker", f"spark://127.0.0.1:{port}")
    assert code == 1
    assert f"No master answers at 'spark://127.0.0.1:{port}" in output


def test_flags_may_be_environment_variables(environment, taken):
    environment["SPARK_MASTER_PORT"] = str(taken)
    environment["RAY_AUTH_MODE"] = "disabled"
    assert f"Port {taken} is in use" in run(environment, "start-master")[1]


@pytest.mark.parametrize("command", ["start-master", "start-worker", "stop-all"])
def test_help_teaches(command, environment):
    code, output = run(environment, command, "--help")
    assert code == 0
    assert "pyrite st" in output


@pytest.mark.parametrize("command", ["start-master", "start-worker"])
def test_help_names_the_variables_that_are_read(environment, command):
    code, text = run(environment, command, "--help")
    kind = command.partition("-")[2].upper()
    assert code == 0
    for name in ("HOST", "PORT", *(("CORES", "MEMORY", "INSTANCES") if kind == "WORKER" else ())):
        assert f"SPARK_{kind}_{name}" in text
