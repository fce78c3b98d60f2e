"""Executors where tasks fail are kept away from (``spark.excludeOnFailure.*``)."""

import os

import pytest

from pyrite.core.errors import SparkException


def executor_id():
    from pyrite.core.env import SparkEnv

    return SparkEnv.get().executor_id


def test_a_task_that_failed_on_an_executor_runs_on_another_one(start, master, tmp_path):
    sc = start(master, excludeOnFailure_enabled="true")
    first = str(tmp_path / "first")

    def fail_on_one_executor(x):
        here = executor_id()
        if x == 0 and not os.path.exists(first):
            with open(first, "w") as file:
                file.write(here)
        with open(first) as file:
            bad = file.read()
        if x == 0 and here == bad:
            raise ValueError("not here")
        return here

    where = sc.parallelize([0], 1).map(fail_on_one_executor).collect()
    assert where != [(tmp_path / "first").read_text()]


def test_a_task_that_may_run_nowhere_fails_its_job(start):
    sc = start(
        "local-cluster[1,1,1024]",
        excludeOnFailure_enabled="true",
        scheduler_excludeOnFailure_unschedulableTaskSetTimeout="1s",
    )

    def fail(x):
        raise ValueError("nowhere")

    with pytest.raises(SparkException, match="cannot run anywhere due to node and executor"):
        sc.parallelize([1], 1).map(fail).collect()
