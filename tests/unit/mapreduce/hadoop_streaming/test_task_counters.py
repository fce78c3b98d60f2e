from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.hadoop_streaming.task_attempt import TaskCountersParam


def test_a_task_that_ran_again_counts_once():
    param = TaskCountersParam()
    total = param.zero({(True, 0): Counters({"g": {"n": 9}})})
    for partition, amount in ((0, 1), (1, 2), (0, 3)):
        total = param.addInPlace(total, {(True, partition): Counters({"g": {"n": amount}})})
    assert total == {(True, 0): Counters({"g": {"n": 3}}), (True, 1): Counters({"g": {"n": 2}})}
