import pytest

from pyrite.core.errors import SparkException
from pyrite.core.scheduler.executor_plan import ExecutorPlan, plan_executors


@pytest.mark.parametrize(
    ("cpus", "conf", "executors", "cores"),
    [
        ([4.0], {}, 1, 4),
        ([0.0, 4.0, 4.0], {}, 2, 4),
        ([2.0, 8.0], {}, 5, 2),
        ([0.5, 3.0], {}, 1, 3),
        ([8.0, 8.0], {"executor.cores": "3"}, 4, 3),
        ([8.0, 8.0], {"executor.cores": "3", "executor.instances": "2"}, 2, 3),
        ([8.0], {"executor.cores": "2", "executor.instances": "9"}, 9, 2),  # more may come
        ([8.0, 8.0], {"executor.cores": "2", "cores.max": "5"}, 2, 2),
    ],
)
def test_executors_fill_the_machines(cpus, conf, executors, cores):
    settings = {f"spark.{key}": value for key, value in conf.items()}
    assert plan_executors(cpus, settings) == ExecutorPlan(executors, cores)


@pytest.mark.parametrize("cpus", [[], [0.0], [2.0, 3.0]])
def test_a_cluster_without_room_for_one_is_refused(cpus):
    with pytest.raises(SparkException, match=r"No machine .* room for an executor of 4 cores"):
        plan_executors(cpus, {"spark.executor.cores": "4"})
