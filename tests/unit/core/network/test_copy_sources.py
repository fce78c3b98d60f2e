"""Who sends a file of the driver to the next machine."""

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from pyrite.core.network import BlockClient, BlockServer, FetchedFiles, block_server
from pyrite.core.network.copy_sources import CopySources

SECRET = b"secret"
OWN = ("driver:1", "/b")
OTHER = ("m1:1", "/copies/b")


def test_the_driver_sends_until_others_have_copies():
    sources = CopySources(at_once=2)
    with ExitStack() as stack:
        assert [stack.enter_context(sources.lent("/b", OWN)) for _ in range(2)] == [OWN, OWN]
        sources.add("/b", OTHER)
        assert [stack.enter_context(sources.lent("/b", OWN)) for _ in range(2)] == [OTHER, OTHER]
    with sources.lent("/b", OWN) as source:  # both have time: the driver has most to do
        assert source == OTHER


def test_copies_are_of_one_file():
    sources = CopySources(at_once=1)
    sources.add("/other", OTHER)
    with sources.lent("/b", OWN) as source:
        assert source == OWN


def test_those_that_come_when_all_are_busy_wait_for_the_first_to_be_free():
    sources = CopySources(at_once=1, patience=60)
    got = []

    def wait():
        with sources.lent("/b", OWN) as source:
            got.append(source)

    with sources.lent("/b", OWN):
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.05)
        assert got == []
        sources.add("/b", OTHER)
        waiting.join(60)
    assert got == [OTHER]


def test_nobody_waits_for_ever():
    sources = CopySources(at_once=1, patience=0)
    with sources.lent("/b", OWN), sources.lent("/b", OWN) as source:
        assert source == OWN


def test_copies_that_are_gone_are_no_sources():
    sources = CopySources(at_once=1)
    for drop in (lambda: sources.drop("/b", OTHER), lambda: sources.drop("/b")):
        sources.add("/b", OTHER)
        drop()
        with sources.lent("/b", OWN) as source:
            assert source == OWN
    sources.drop("/unknown", OTHER)


# -------------------------------------------------------------------------- between machines


class Machine:
    def __init__(self, path, driver_location, root):
        path.mkdir()
        self.server = BlockServer([str(path)], SECRET, "127.0.0.1")
        self.client = BlockClient(SECRET, str(path))
        location = self.server.location
        copies = str(path / "driver")
        self.files = FetchedFiles(self.client, driver_location, root, copies, location)

    def stop(self):
        self.client.close()
        self.server.stop()


@pytest.fixture
def driver(tmp_path, monkeypatch):
    monkeypatch.setattr(block_server, "_SMALL", 10)
    root = tmp_path / "root"
    root.mkdir()
    server = BlockServer([str(root)], SECRET, "127.0.0.1", is_driver=True)
    (root / "b").write_bytes(b"value" * 1000)
    (root / "small").write_bytes(b"value")
    yield server, root
    server.stop()


@pytest.fixture
def machines(driver, tmp_path):
    server, root = driver
    machines = [Machine(tmp_path / f"m{n}", server.location, str(root)) for n in range(3)]
    yield machines
    for machine in machines:
        machine.stop()


@pytest.fixture
def copied_from(monkeypatch):
    """The block servers that files were copied from, in order."""
    seen, copy_into = [], BlockClient.copy_into

    def noted(self, location, *args):
        seen.append(location)
        copy_into(self, location, *args)

    monkeypatch.setattr(BlockClient, "copy_into", noted)
    return seen


def fetch(machine, root):
    return Path(machine.files.local(f"{root}/b")).read_bytes()


def test_who_has_a_copy_sends_it_on(driver, machines, copied_from):
    server, root = driver
    for machine in machines[:2]:
        assert fetch(machine, root) == b"value" * 1000
    assert copied_from == [server.location, machines[0].server.location]


def test_small_files_come_from_the_driver(driver, machines, copied_from):
    server, root = driver
    for machine in machines:
        assert Path(machine.files.local(f"{root}/small")).read_text() == "value"
    assert copied_from == [server.location] * 3


@pytest.mark.parametrize(
    "lose",
    [
        lambda machine, copy: Path(copy).unlink(),
        lambda machine, copy: machine.server.stop(),
        lambda machine, copy: machine.stop(),
    ],
    ids=["copy", "server", "machine"],
)
def test_where_a_copy_is_gone_the_driver_sends_it(driver, machines, copied_from, lose):
    server, root = driver
    lose(machines[0], machines[0].files.local(f"{root}/b"))
    for machine in machines[1:]:
        assert fetch(machine, root) == b"value" * 1000
    lost, second = (machine.server.location for machine in machines[:2])
    assert copied_from == [server.location, lost, server.location, second]


def test_a_machine_that_is_lost_while_it_copies_keeps_nobody_waiting(driver, machines, copied_from):
    server, root = driver
    for _ in range(5):
        client = BlockClient(SECRET, str(root))
        with pytest.raises(SystemExit), client.borrowed(server.location, f"{root}/b"):
            raise SystemExit  # its connection is closed with it
    assert fetch(machines[0], root) == b"value" * 1000


def test_what_the_driver_does_not_have_is_no_longer_lent(driver, machines):
    _, root = driver
    fetch(machines[0], root)
    (root / "b").unlink()
    with pytest.raises(FileNotFoundError):
        fetch(machines[1], root)
