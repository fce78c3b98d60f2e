import pytest

from pyrite.core.scheduler.executor_plan import ExecutorPlan, plan_executors, room_for


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
        ([8.0], {"executor.cores": "2", "cores.max": "4", "executor.instances": "3"}, 2, 2),
        ([], {}, 1, 1),  # a machine may come
        ([2.0], {"executor.cores": "4"}, 1, 4),
    ],
)
def test_executors_fill_the_machines(cpus, conf, executors, cores):
    settings = {f"spark.{key}": value for key, value in conf.items()}
    machines = [{"CPU": count} for count in cpus]
    assert plan_executors(machines, settings) == ExecutorPlan(executors, cores)


def test_executors_take_memory_and_resources_that_were_asked_for():
    machine = {"CPU": 8, "memory": 4 * 2**30, "GPU": 2, "fpga": 9}
    conf = {
        "spark.executor.cores": "1",
        "spark.executor.memory": "1g",
        "spark.executor.resource.gpu.amount": "1",
        "spark.executor.resource.fpga.amount": "3",
    }
    plan = plan_executors([machine], conf)
    assert plan.demand == {"CPU": 1, "memory": 2**30, "GPU": 1, "fpga": 3}
    assert plan.executors == 2
    assert plan.description == "1 CPU, 1024 MiB of memory, 1 GPU, 3 fpga"
    del conf["spark.executor.resource.gpu.amount"], conf["spark.executor.resource.fpga.amount"]
    assert plan_executors([machine], conf).executors == 4
    del conf["spark.executor.memory"]
    assert plan_executors([machine], conf).executors == 8


def test_a_machine_without_a_resource_has_no_room():
    assert room_for({"CPU": 1, "GPU": 1}, [{"CPU": 8}]) == 0
