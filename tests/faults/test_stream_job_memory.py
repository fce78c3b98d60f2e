"""A stream job sorts ten times the memory that a worker may use, in bounded processes."""

from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
from pyrite.mapreduce.hadoop_streaming.runner import run_stream_job
from pyrite.mapreduce.hadoop_streaming.stream_job import Command, StreamJob

LIMIT = "8m"
LINES = 1_250_000
LINE = 64


def private_memory(process):
    """The memory of a process that is not backed by files, in bytes."""
    info = process.memory_info()
    return info.rss - info.shared


def test_ten_times_the_memory_of_a_worker(start, scratch, tmp_path):
    with (tmp_path / "in.txt").open("w") as file:
        for number in range(LINES):
            mixed = number * 2654435761 % (1 << 32)
            file.write(f"{mixed:08x}{number:025d}\t{mixed:029d}\n")
    assert (tmp_path / "in.txt").stat().st_size == LINES * LINE
    sc = start(settings={"spark.python.worker.memory": LIMIT})
    job = StreamJob(
        (f"{tmp_path}/in.txt",),
        f"{tmp_path}/out",
        Command(("cat",)),
        Command(("cat",)),
        conf=JobConf({}),
    )
    result, largest = scratch.watch(private_memory, lambda: run_stream_job(job, sc))
    assert result.counters.get("Map-Reduce Framework", "Reduce input groups") == LINES
    count, last = 0, ""
    with (tmp_path / "out" / "part-00000").open() as file:
        for line in file:
            assert last < line
            last = line
            count += 1
    assert count == LINES
    # Python with numpy and Arrow, and what takes part in reading a block of lines, is 200 MB of
    # this whatever the data; all rows in memory would take five times the text.
    assert largest < 4 * LINES * LINE
