"""What is lost or spoilt is computed again; a full disk is one clear error."""

import errno
import os
import re
import resource
import shutil
from pathlib import Path

import psutil
import pytest

from pyrite.core.errors import SparkException


def shuffle_files(scratch):
    return sorted(path for path in Path(scratch.path).glob("*/shuffle/**/*") if path.is_file())


def cut(path):
    os.truncate(path, path.stat().st_size // 2)


def flip(path):
    data = bytearray(path.read_bytes())
    for position in range(len(data) // 2, len(data)):
        data[position] ^= 0xFF
    path.write_bytes(data)


SPOILINGS = {
    "deleted": os.unlink,
    "empty": lambda path: os.truncate(path, 0),
    "cut": cut,
    "flipped bits": flip,
}


@pytest.mark.parametrize("spoil", SPOILINGS)
@pytest.mark.parametrize("which", ["one", "all"])
def test_map_outputs_spoilt_between_jobs(sc, scratch, spoil, which):
    computed = sc.accumulator(0)

    def key(x):
        computed.add(1)
        return x % 5, f"value {x}"

    grouped = sc.parallelize(range(100), 4).map(key).groupByKey(3).mapValues(sorted)
    expected = {k: sorted(f"value {x}" for x in range(k, 100, 5)) for k in range(5)}
    assert grouped.collectAsMap() == expected
    files = shuffle_files(scratch)
    assert len(files) == 4
    for path in files[:1] if which == "one" else files:
        SPOILINGS[spoil](path)
    assert grouped.collectAsMap() == expected
    assert computed.value == 100 + (25 if which == "one" else 100)


def test_map_outputs_deleted_while_they_are_read(sc, scratch, tmp_path):
    directory, mark = str(scratch.path), tmp_path / "mark"

    def lose(index, elements):
        if not mark.exists():
            mark.touch()
            for path in sorted(Path(directory).glob("*/shuffle/*.data"))[:3]:
                path.unlink(missing_ok=True)
        return elements

    first = sc.parallelize(range(100), 4).map(lambda x: (x % 5, x)).groupByKey(5)
    second = first.mapPartitionsWithIndex(lose).map(lambda kv: (len(kv[1]), kv[0])).groupByKey(2)
    assert second.mapValues(sorted).collect() == [(20, [0, 1, 2, 3, 4])]
    assert mark.exists()


def test_a_function_that_forgives_errors_does_not_lose_data(sc, scratch):
    def forgiving(elements):
        try:
            yield from elements
        except Exception:
            return

    pairs = sc.parallelize(range(100), 4).map(lambda x: (x, x)).partitionBy(3)
    assert pairs.count() == 100
    for path in shuffle_files(scratch):
        path.unlink()
    assert pairs.mapPartitions(forgiving).count() == 100


def test_a_chain_of_shuffles_whose_files_are_all_lost(sc, scratch):
    rdd = sc.parallelize(range(60), 3)
    for step in (7, 5, 3):
        rdd = rdd.map(lambda x, n=step: (x % n, x)).groupByKey(3).flatMap(lambda kv: kv[1])
    expected = sorted(rdd.collect())
    assert expected == list(range(60))
    for path in shuffle_files(scratch):
        path.unlink()
    assert sorted(rdd.collect()) == expected
    joined = rdd.map(lambda x: (x, 1)).join(rdd.map(lambda x: (x, 2)))
    assert joined.count() == 60


def test_the_whole_shuffle_directory_is_lost(sc, scratch):
    grouped = sc.parallelize(range(100), 4).map(lambda x: (x % 5, x)).groupByKey(3)
    assert grouped.count() == 5
    for directory in Path(scratch.path).glob("*/shuffle"):
        shutil.rmtree(directory)
    assert grouped.count() == 5


def test_outputs_lost_again_and_again_end_in_one_clear_error(sc, scratch):
    directory = str(scratch.path)

    def lose(elements):
        for path in Path(directory).glob("*/shuffle/*.data"):
            path.unlink(missing_ok=True)
        return elements

    # The first partition deletes what the second one is to read.
    saboteur = sc.parallelize([(1, [])], 1).mapPartitions(lose)
    pairs = sc.parallelize(range(100), 2).map(lambda x: (x % 5, x)).groupByKey(1)
    with pytest.raises(SparkException, match="failed the maximum allowable number of times: 4"):
        sc.union([saboteur, pairs]).coalesce(1).count()
    assert sc.parallelize([1]).count() == 1


@pytest.mark.parametrize("level", ["MEMORY_ONLY", "MEMORY_AND_DISK", "DISK_ONLY"])
def test_cached_partitions_lost_with_their_workers(sc, scratch, tmp_path, level):
    from pyspark.storagelevel import StorageLevel

    computed = sc.accumulator(0)
    workers = tmp_path / "workers"
    workers.mkdir()

    def square(x):
        computed.add(1)
        (workers / str(os.getpid())).touch()
        return x * x

    rdd = sc.parallelize(range(100), 4).map(square).persist(getattr(StorageLevel, level))
    assert rdd.sum() == rdd.sum() == 328350
    assert computed.value == 100
    # One of those that have partitions: another may have come too late to get any.
    scratch.kill([psutil.Process(int(os.listdir(workers)[0]))])
    assert rdd.sum() == 328350
    assert 100 < computed.value <= 200


def test_cached_blocks_on_disk_are_deleted(sc, scratch):
    from pyspark.storagelevel import StorageLevel

    rdd = sc.parallelize(range(100), 4).map(lambda x: x * x).persist(StorageLevel.DISK_ONLY)
    assert rdd.sum() == 328350
    blocks = [path for path in Path(scratch.path).glob("*/blocks/**/*") if path.is_file()]
    assert len(blocks) == 4
    for path in blocks:
        path.unlink()
    assert rdd.sum() == 328350


def test_a_cached_shuffle_read_lost_with_its_workers_and_its_files(sc, scratch):
    grouped = sc.parallelize(range(100), 4).map(lambda x: (x % 5, x)).groupByKey(3)
    cached = grouped.mapValues(sorted).cache()
    assert cached.count() == 5
    scratch.kill(scratch.workers())
    for path in shuffle_files(scratch):
        path.unlink()
    assert cached.collectAsMap() == {k: list(range(k, 100, 5)) for k in range(5)}


FULL = re.compile(r"(No space left on device|File too large)[^\n]*spark\.local\.dir")

FILLING = {
    "shuffle": lambda rdd: rdd.map(lambda x: (x, os.urandom(2000))).partitionBy(2).count(),
    "result": lambda rdd: rdd.map(lambda x: os.urandom(2000)).collect(),
    "spill": lambda rdd: rdd.map(lambda x: (0, os.urandom(2000))).groupByKey(1).count(),
    "sort": lambda rdd: rdd.map(lambda x: os.urandom(2000)).sortBy(lambda x: x).count(),
}


@pytest.mark.parametrize("what", FILLING)
def test_a_full_disk_is_one_clear_error(start, what):
    sc = start(settings={"spark.python.worker.memory": "2m"})

    def limit(x):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
        return x

    rdd = sc.parallelize(range(4000), 2).map(limit)
    with pytest.raises(SparkException) as caught:
        FILLING[what](rdd)
    assert FULL.search(str(caught.value)), caught.value
    assert sc.parallelize(range(4)).sum() == 6


def test_a_full_disk_costs_a_cache_only_its_blocks(start):
    from pyspark.storagelevel import StorageLevel

    sc = start()

    def limit(x):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        return x

    rdd = sc.parallelize(range(400), 2).map(limit).map(lambda x: os.urandom(2000))
    rdd = rdd.persist(StorageLevel.DISK_ONLY)
    try:
        outcome = rdd.count()
    except SparkException as error:
        outcome = error
    assert outcome == 400 or FULL.search(str(outcome)), outcome
    assert sc.parallelize(range(4)).sum() == 6


def test_scratch_space_that_cannot_be_written(start, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SparkException, match=r"scratch directory .*spark\.local\.dir"):
        start(settings={"spark.local.dir": str(tmp_path / "file" / "under")})


def test_a_disk_that_is_full_when_the_driver_writes(sc, monkeypatch):
    def full(opens):
        def open_if_there_is_room(path, *rest, **named):  # other threads open files as well
            if "broadcast" in str(path):
                raise OSError(errno.ENOSPC, "No space left on device", path)
            return opens(path, *rest, **named)

        return open_if_there_is_room

    monkeypatch.setattr(os, "open", full(os.open))
    monkeypatch.setattr("builtins.open", full(open))
    with pytest.raises(OSError, match="No space left"):
        sc.broadcast(list(range(1000)))
