"""Cluster deploy mode, as far as it goes without a cluster."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.deploy.cli import main
from pyrite.deploy.cluster_package import SUBMISSION, Submission, pack, unpack
from pyrite.deploy.supervise import supervise


@pytest.fixture
def sources(tmp_path):
    folder = tmp_path / "sources"
    (folder / "package").mkdir(parents=True)
    for name in ("app.py", "helper.py", "rules.txt", "package/inner.py"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def there(tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    return folder


def test_all_that_is_named_arrives_under_the_paths_of_the_other_side(sources, there):
    helper, rules, package = (sources / name for name in ("helper.py", "rules.txt", "package"))
    settings = {
        "spark.submit.pyFiles": f"{helper},{package}",
        "spark.files": f"{rules},hdfs://far/away,{helper}",
        "spark.archives": f"{rules}#renamed",
        "spark.app.name": "n",
    }
    pack(Submission(str(sources / "app.py"), ["a b"], settings, supervise=True), there)
    got = unpack(there)
    assert (got.arguments, got.supervise, got.show_engine) == (["a b"], True, False)
    assert Path(got.application).read_text() == "app.py"
    assert Path(got.application).name == "app.py"
    assert Path(got.application).is_relative_to(there)
    shipped_rules, far, shipped_helper = got.settings["spark.files"].split(",")
    assert Path(shipped_rules).read_text() == "rules.txt"
    assert far == "hdfs://far/away"
    helper_again, shipped_package = got.settings["spark.submit.pyFiles"].split(",")
    assert helper_again == shipped_helper  # sent once
    assert (Path(shipped_package) / "inner.py").read_text() == "package/inner.py"
    assert got.settings["spark.archives"] == f"{shipped_rules}#renamed"
    assert got.settings["spark.app.name"] == "n"


def test_files_of_one_name_stay_apart(tmp_path, sources, there):
    other = tmp_path / "rules.txt"
    other.write_text("other")
    settings = {"spark.files": f"{sources / 'rules.txt'},{other}"}
    pack(Submission(str(sources / "app.py"), [], settings), there)
    files = unpack(there).settings["spark.files"].split(",")
    assert [Path(file).read_text() for file in files] == ["rules.txt", "other"]


def test_the_token_of_the_submitter_stays_with_it(sources, there):
    settings = {"spark.authenticate.secret": "s3cret", "spark.authenticate.secret.file": "/f"}
    pack(Submission(str(sources / "app.py"), [], settings), there)
    assert json.loads((there / SUBMISSION).read_text())["settings"] == {}


def test_a_program_may_be_there_already_but_must_be_somewhere(there):
    pack(Submission("local:/opt/app.py", [], {}), there)
    assert unpack(there).application == "/opt/app.py"
    with pytest.raises(SparkIllegalArgumentException, match=r"'/no\.py' does not exist"):
        pack(Submission("/no.py", [], {}), there)


def test_each_wait_is_twice_the_last_until_a_driver_ran_well():
    now = 0.0
    said, waits = [], []
    runs = iter([(1, 1), (1, 2), (9, 3), (1, 1), (1, 0)])

    def run():
        nonlocal now
        seconds, code = next(runs)
        now += seconds
        return code

    assert supervise(run, said.append, waits.append, lambda: now) == 0
    assert waits == [1, 2, 1, 2]
    assert said[2] == "The driver ended with exit code 3; it starts again in 1 s."


def test_a_supervised_driver_ends_with_its_supervisor():
    child = [sys.executable, "-S", "-c", "import time; time.sleep(600)"]
    program = f"from pyrite.deploy.supervise import run_child; run_child({child!r})"
    process = subprocess.Popen([sys.executable, "-c", program])
    until = time.monotonic() + 60
    while not (children := psutil.Process(process.pid).children()) and time.monotonic() < until:
        time.sleep(0.05)
    process.terminate()  # at once: it may not even know of its child yet
    process.wait(60)
    assert not psutil.wait_procs(children, timeout=60)[1]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--deploy-mode", "cluster", "app.py"], 1, 'is not compatible with master "local[*]"'),
        (["--deploy-mode", "cluster", "--master", "yarn", "app.py"], 1, "YARN is not supported"),
        (["--deploy-mode", "cluster", "--master", "ray", "app.py"], 1, 'with master "ray"'),
        (["--deploy-mode", "cluster", "--master", "mesos://h", "app.py"], 1, "removed Mesos"),
        (["--status", "driver-1"], 1, "--master spark://host:7077"),
        (["--kill", "driver-1", "--master", "local[2]"], 1, "--kill is not compatible"),
        (["--logs", "driver-1", "--master", "spark://127.0.0.1:1"], 1, "No master answers"),
        (["--master", "local"], 1, "Missing argument 'APP.PY'"),
    ],
)
def test_what_cannot_be_is_said(words, code, said):
    result = CliRunner().invoke(main, ["submit", *words])
    assert (result.exit_code, said in result.output) == (code, True), result.output


@pytest.mark.parametrize(("command", "thing"), [("shell", "Spark shells"), ("sql", "Spark SQL")])
def test_shells_run_here(command, thing):
    words = [command, "--master", "spark://h:1", "--deploy-mode", "cluster"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert f"Cluster deploy mode is not applicable to {thing}" in result.output
