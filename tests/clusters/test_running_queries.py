"""What is seen of a query while its fragments run on executors, and how it is stopped."""

import re
import threading
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PySparkException

from pyrite.connect.local_session import LocalSession
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext
from pyrite.core.scheduler import local_backend
from tests.clusters.conftest import processes_of, wait_until

#: Both run for hours: one inside a fragment's first batch, one without ever having a row.
ENDLESS = {
    "aggregate": "SELECT sum(x.v % 7 + y.v % 5 + z.v % 3) FROM t x, t y, t z",
    "rows": "SELECT v FROM (SELECT x.v * y.v + z.v AS v FROM t x, t y, t z) WHERE v = -1",
}
QUICK = "SELECT k, sum(v) AS s FROM t GROUP BY k ORDER BY s LIMIT 1"


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    folder = tmp_path_factory.mktemp("running")
    rows = {"k": [n % 97 for n in range(20_000)], "v": list(range(20_000))}
    pq.write_table(pa.table(rows), folder / "t.parquet", row_group_size=1000)
    conf = SparkConf().setMaster("local-cluster[2,1,1024]").setAppName("running")
    conf.set("spark.local.dir", str(folder))
    conf.set("spark.sql.files.maxPartitionBytes", "1000")
    conf.set("spark.connect.progress.reportInterval", "50ms")
    with SparkContext(conf=conf) as sc:
        session = LocalSession(sc)
        session.read.parquet(str(folder / "t.parquet")).createOrReplaceTempView("t")
        yield session
        session.stop()


@pytest.fixture
def sc(spark):
    return spark.sparkContext


class Running:
    """A query in a thread of its own, in the middle of its first fragment."""

    def __init__(self, spark, query, prepare=lambda: None):
        self.error = None
        tracker = spark.sparkContext.statusTracker()

        def is_busy(stage):
            info = tracker.getStageInfo(stage)
            return info.numActiveTasks == 2 and info.name == "Exchange SinglePartition"

        def run():
            prepare()
            try:
                spark.sql(query).collect()
            except Exception as error:
                self.error = error

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert wait_until(lambda: any(map(is_busy, tracker.getActiveStageIds())))
        time.sleep(0.5)  # the tasks are inside DuckDB by now

    def ended(self):
        self._thread.join(300)
        return self.error


@pytest.mark.parametrize("query", ENDLESS)
@pytest.mark.parametrize("by", ["tag", "group", "all"])
def test_a_stopped_query_leaves_its_workers_usable(spark, sc, monkeypatch, query, by):
    stops = {
        "tag": (lambda: spark.addTag("endless"), lambda: spark.interruptTag("endless")),
        "group": (lambda: sc.setJobGroup("endless", ""), lambda: sc.cancelJobGroup("endless")),
        "all": (lambda: None, sc.cancelAllJobs),
    }
    prepare, stop = stops[by]
    # However busy the machine is, a task that gives way is not killed.
    monkeypatch.setattr(local_backend, "KILL_GRACE_SECONDS", 60.0)
    first = spark.sql(QUICK).collect()
    workers = worker_processes(sc)
    running = Running(spark, ENDLESS[query], prepare)
    stop()
    error = running.ended()
    assert isinstance(error, PySparkException)
    expected = "OPERATION_CANCELED" if by == "tag" else "SPARK_JOB_CANCELLED"
    assert f"[{expected}]" in str(error)
    assert spark.sql(QUICK).collect() == first
    assert worker_processes(sc) == workers


def worker_processes(sc):
    """The number of each process of the context: they are not used again so soon."""
    return {process.pid for process in processes_of(sc.local_dir)}


def test_jobs_and_stages_are_named_after_the_query(spark, sc):
    spark.addTag("named")
    sc.setJobGroup("reports", "")
    sc.setLocalProperty("spark.job.description", None)
    try:
        spark.sql(QUICK).collect()
        spark.table("t").groupBy("k").count().collect()
    finally:
        spark.removeTag("named")
        sc.setLocalProperty("spark.jobGroup.id", None)
    tracker = sc.statusTracker()
    assert wait_until(lambda: len(tracker.getJobIdsForGroup("reports")) == 4)
    status = sc._application.status
    jobs = [status.job(job) for job in sorted(tracker.getJobIdsForGroup("reports"))]
    assert [job.name for job in jobs] == [
        "Exchange hashpartitioning(k)",
        "Exchange SinglePartition",
    ] * 2
    assert {job.description for job in jobs[:2]} == {QUICK}
    (site,) = {job.description for job in jobs[2:]}
    assert re.fullmatch(r"collect at test_running_queries\.py:\d+", site)
    for job in jobs:
        assert any(tag.endswith("_Tag_named") for tag in job.tags)
        assert any("OperationTag" in tag for tag in job.tags)


def test_the_progress_bar_moves(spark):
    shares = []

    def moved(stages, **_):
        shares.append(sum(stage.num_completed_tasks for stage in stages))

    spark.registerProgressHandler(moved)
    try:
        spark.sql(
            "SELECT a.k, count(*) FROM t a JOIN t b ON a.k = b.k "
            "JOIN (SELECT DISTINCT v FROM t) c ON c.v = a.v + b.v % 2 GROUP BY a.k"
        ).collect()
    finally:
        spark.removeProgressHandler(moved)
    assert shares == sorted(shares)
    assert any(0 < share < 100 for share in shares)


ERRORS = {
    "division": "SELECT k, sum(1 / (v - 7777)) FROM t GROUP BY k",
    "remainder": "SELECT k, sum(v % (v - 7777)) FROM t GROUP BY k",
    "cast": "SELECT k, sum(CAST(concat('x', v) AS INT)) FROM t WHERE v = 7777 GROUP BY k",
    "overflow": "SELECT k, max(v * 9000000000000000) FROM t WHERE v = 7777 GROUP BY k",
    "raised": "SELECT k, max(if(v = 7777, raise_error('boom'), 1)) FROM t GROUP BY k",
    "index": "SELECT k, max(array(1, 2)[v]) FROM t WHERE v = 7777 GROUP BY k",
    "final": "SELECT k, 1 / (sum(v) - sum(v)) FROM t GROUP BY k",
}


def failure(spark, query):
    with pytest.raises(PySparkException) as caught:
        spark.sql(query).collect()
    error = caught.value
    context = [(c.fragment(), c.startIndex(), c.stopIndex()) for c in error.getQueryContext()]
    return type(error), error.getCondition(), str(error), context


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_those_of_one_process_and_come_at_once(spark, sc, name):
    there = failure(spark, ERRORS[name])
    status = sc._application.status
    assert wait_until(lambda: status.jobs()[0].status.name == "FAILED")
    assert status.jobs()[0].tasks.failed <= 2  # none was tried again
    spark.conf.set("spark.sql.files.maxPartitionBytes", "1g")
    try:
        assert failure(spark, ERRORS[name]) == there
    finally:
        spark.conf.set("spark.sql.files.maxPartitionBytes", "1000")


def test_a_file_that_is_no_parquet_is_named(spark, tmp_path):
    rows = pa.table({"v": list(range(5000))})
    for name in "abcd":
        pq.write_table(rows, tmp_path / f"{name}.parquet")
    frame = spark.read.parquet(str(tmp_path))
    frame.collect()
    size = (tmp_path / "c.parquet").stat().st_size
    (tmp_path / "c.parquet").write_bytes(b"PAR1" + b"x" * (size - 8) + b"PAR1")
    with pytest.raises(PySparkException) as caught:
        frame.groupBy("v").count().collect()
    assert caught.value.getCondition().startswith("FAILED_READ_FILE")
    assert "c.parquet" in str(caught.value)
