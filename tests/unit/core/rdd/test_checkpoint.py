"""Checkpoints are written by a second job and cut the lineage."""

import pytest
from pyspark.storagelevel import StorageLevel

from pyrite.core.env import SparkEnv
from pyrite.core.errors import SparkException


def test_checkpoint_truncates_the_lineage(sc, tmp_path):
    sc.checkpoint_dir = str(tmp_path / "saved")
    pairs = sc.parallelize([(1, "a"), (2, "b"), (1, "c")], 2)
    rdd = pairs.groupByKey().mapValues(list)
    rdd.checkpoint()
    assert not rdd.isCheckpointed()
    before = rdd.glom().collect()
    assert [node.id() for node, _ in sc.jobs][-1] == rdd.id()
    assert rdd.isCheckpointed()
    assert rdd.getCheckpointFile() == f"file:{tmp_path}/saved/rdd-{rdd.id()}"
    files = sorted(path.name for path in (tmp_path / "saved" / f"rdd-{rdd.id()}").iterdir())
    assert files == ["part-00000", "part-00001"]
    mapped = sc.map_tasks
    SparkEnv.get().map_output_tracker.unregister_shuffle(0)
    assert rdd.glom().collect() == before
    assert rdd.mapValues(len).collect() == [(2, 1), (1, 2)]
    assert sc.map_tasks == mapped
    lines = rdd.toDebugString().decode().splitlines()
    assert [line.split("[")[0].strip(" |") for line in lines] == [
        "(2) PipelinedRDD",
        "ReliableCheckpointRDD",
    ]


def test_a_checkpoint_is_written_once(sc, tmp_path):
    sc.checkpoint_dir = str(tmp_path)
    rdd = sc.parallelize([1, 2], 2).map(str)
    rdd.checkpoint()
    rdd.count()
    jobs = len(sc.jobs)
    rdd.checkpoint()
    rdd.count()
    assert len(sc.jobs) == jobs + 1


def test_children_made_before_read_the_checkpoint(sc, tmp_path):
    sc.checkpoint_dir = str(tmp_path)
    computed = []
    rdd = sc.parallelize([1, 2], 1).map(lambda x: (computed.append(x), x)[1])
    child = rdd.map(str)
    rdd.checkpoint()
    assert child.collect() == ["1", "2"]
    assert child.collect() == ["1", "2"]
    assert rdd.isCheckpointed()


def test_checkpoint_needs_a_directory(sc):
    with pytest.raises(SparkException, match="Checkpoint directory has not been set"):
        sc.parallelize([1]).checkpoint()


def test_local_checkpoint_survives_the_loss_of_the_cache(sc):
    rdd = sc.parallelize([1, 2, 3], 2).map(lambda x: x * 2)
    rdd.localCheckpoint()
    assert rdd.isLocallyCheckpointed()
    assert rdd.collect() == [2, 4, 6]
    assert not rdd.isCheckpointed()
    assert rdd.getCheckpointFile() is None
    assert rdd.getStorageLevel() == StorageLevel.MEMORY_AND_DISK_DESER
    assert SparkEnv.get().block_manager.remove_rdd(rdd.id()) == 2
    assert rdd.collect() == [2, 4, 6]
    assert b"LocalCheckpointRDD" in rdd.toDebugString()


def test_shuffle_files_can_be_cleaned_and_are_written_again(sc):
    rdd = sc.parallelize([(1, 2)], 2).groupByKey(2)
    rdd.count()
    rdd.cleanShuffleDependencies()
    mapped = sc.map_tasks
    assert rdd.mapValues(list).collect() == [(1, [2])]
    assert sc.map_tasks == mapped + 2


def test_a_write_that_failed_is_tried_again(sc, tmp_path, monkeypatch):
    sc.checkpoint_dir = str(tmp_path)
    rdd = sc.parallelize([1, 2], 1).map(str)
    rdd.checkpoint()
    run_job = sc.run_job

    def fail_to_write(node, func, partitions=None, on_result=None):
        if "_WritePartition" in repr(func):
            raise OSError("disk full")
        return run_job(node, func, partitions, on_result)

    monkeypatch.setattr(sc, "run_job", fail_to_write)
    with pytest.raises(OSError, match="disk full"):
        rdd.count()
    monkeypatch.undo()
    assert rdd.collect() == ["1", "2"]
    assert rdd.isCheckpointed()
