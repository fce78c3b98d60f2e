"""Map outputs go from a machine that will go to machines that stay."""

from pathlib import Path

import pytest

from pyrite.core.local_dirs import make_local_dirs
from pyrite.core.network import BlockServer
from pyrite.core.scheduler.map_output_mover import MapOutputMover, Refuge

SECRET = b"secret"


@pytest.fixture
def make_dirs(tmp_path):
    return lambda name: make_local_dirs({"spark.local.dir": str(tmp_path / name)}, "app", {})


@pytest.fixture
def refuges(make_dirs):
    dirs = [make_dirs("stays-1"), make_dirs("stays-2")]
    servers = [BlockServer(each.paths, SECRET, "127.0.0.1") for each in dirs]
    yield [Refuge(server.location, each.paths) for server, each in zip(servers, dirs, strict=True)]
    for server in servers:
        server.stop()


@pytest.fixture
def going(make_dirs):
    dirs = make_dirs("goes")
    for map_id in range(3):
        Path(dirs.first, "shuffle", f"shuffle_7_{map_id}.data").write_bytes(bytes([map_id]) * 9)
    Path(dirs.first, "shuffle", ".shuffle_7_3.99.tmp").write_bytes(b"half of it")
    return dirs


def test_finished_outputs_are_shared_out_among_the_others(going, refuges):
    moved = MapOutputMover(going, SECRET, "here").move(refuges, 60.0)
    assert [Path(path).name for path in moved] == [f"shuffle_7_{n}.data" for n in range(3)]
    assert {location for location, _ in moved.values()} == {each.location for each in refuges}
    for path, (_, copy) in moved.items():
        assert Path(copy).read_bytes() == Path(path).read_bytes()
        assert Path(copy).name.startswith("shuffle_7_")  # so that it goes with its shuffle


def test_each_output_is_copied_once(going, refuges):
    mover = MapOutputMover(going, SECRET, "here")
    mover.move(refuges, 60.0)
    assert mover.move(refuges, 60.0) == {}
    assert mover.has_outputs()  # they are still read here
    Path(going.first, "shuffle", "shuffle_8_0.data").write_bytes(b"new")
    assert [Path(path).name for path in mover.move(refuges, 60.0)] == ["shuffle_8_0.data"]


def test_the_driver_hears_early_of_what_was_copied(going, refuges):
    mover = MapOutputMover(going, SECRET, "here")
    assert [len(mover.move(refuges, 0.0)) for _ in range(4)] == [1, 1, 1, 0]


def test_an_output_that_cannot_be_copied_waits_for_the_next_time(going, refuges):
    mover = MapOutputMover(going, SECRET, "here")
    assert mover.move([Refuge("127.0.0.1:1", ("/nowhere",))], 60.0) == {}
    assert len(mover.move(refuges, 60.0)) == 3


def test_what_is_half_written_is_no_output(going):
    mover = MapOutputMover(going, SECRET, "here")
    for path in Path(going.first, "shuffle").glob("*.data"):
        path.unlink()
    assert not mover.has_outputs()
