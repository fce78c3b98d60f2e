"""Where an application keeps files, over one disk or several."""

import os

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.local_dirs import LocalDirs, make_local_dirs


def write(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb"):
        pass
    return path


def test_each_directory_of_the_setting_gets_one(tmp_path):
    roots = [tmp_path / "a", tmp_path / "b"]
    conf = {"spark.local.dir": f"{roots[0]}, {roots[1]},{roots[0]}"}
    dirs = make_local_dirs(conf, "local-1", {})
    assert [os.path.dirname(path) for path in dirs.paths] == list(map(str, roots))
    assert all(os.path.basename(path).startswith("pyrite-local-1-") for path in dirs.paths)
    assert all(map(os.path.isdir, dirs.every("shuffle")))
    dirs.remove()
    assert [os.listdir(root) for root in roots] == [[], []]


def test_the_environment_wins(tmp_path):
    conf = {"spark.local.dir": str(tmp_path / "conf")}
    (path,) = make_local_dirs(conf, "x", {"SPARK_LOCAL_DIRS": str(tmp_path / "env")}).paths
    assert os.path.dirname(path) == str(tmp_path / "env")


def test_a_directory_that_cannot_be_used_is_passed_over(tmp_path, caplog):
    bad, good = tmp_path / "file", tmp_path / "good"
    bad.write_text("not a directory")
    dirs = make_local_dirs({"spark.local.dir": f"{bad},{good}"}, "x", {})
    assert [os.path.dirname(path) for path in dirs.paths] == [str(good)]
    assert f"'{bad}': " in caplog.text


def test_where_none_can_be_used_the_error_names_them_all(tmp_path):
    bad = tmp_path / "file"
    bad.write_text("not a directory")
    with pytest.raises(SparkException, match=rf"{bad}.*{bad}/x.*Set spark.local.dir"):
        make_local_dirs({"spark.local.dir": f"{bad},{bad}/x"}, "x", {})


def test_files_go_to_the_disks_by_turns():
    dirs = LocalDirs(["/1", "/2", "/3"])
    six = [dirs.next("spill") for _ in range(6)]
    assert sorted(six[:3]) == ["/1/spill", "/2/spill", "/3/spill"]
    assert six[3:] == six[:3]
    assert dirs.first == "/1"


def test_what_a_lost_worker_left_goes_and_what_it_finished_stays(tmp_path):
    dirs = LocalDirs([str(tmp_path / "a"), str(tmp_path / "b")])
    a, b = dirs.paths
    kept = [
        write(f"{a}/shuffle/shuffle_0_0_x.data"),
        write(f"{b}/shuffle/.shuffle_0_1_x.78.tmp"),
        write(f"{a}/blocks/driver-1/rdd_0_0"),
        write(f"{a}/checkpoint/rdd-3/part-00000"),
        write(f"{a}/checkpoint/rdd-3/part-00001-attempt-55"),
        write(f"{a}/driver/.sending-78-x/file"),
        write(dirs.result_of(4)),
    ]
    lost = [
        write(f"{b}/shuffle/.shuffle_0_1_x.77.tmp"),
        write(f"{a}/blocks/driver-0/rdd_0_0"),
        write(f"{b}/blocks/driver-0/rdd_0_1.77.tmp"),
        write(f"{a}/checkpoint/rdd-3/part-00001-attempt-5"),
        write(f"{a}/driver/.sending-77-x/file"),
        write(dirs.result_of(5)),
    ]
    dirs.remove_leftovers("driver/0", 77, 5)
    dirs.remove_leftovers("driver/9", None, None)
    assert [path for path in kept if not os.path.exists(path)] == []
    assert [path for path in lost if os.path.exists(path)] == []
