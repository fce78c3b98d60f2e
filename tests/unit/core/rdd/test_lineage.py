"""Nodes pickle flat, walk without recursion, and read the cache."""

import pickle

import cloudpickle
import pytest
from pyspark.storagelevel import StorageLevel

from pyrite.core.codegen import Operator, OperatorKind, fuse
from pyrite.core.env import SparkEnv
from pyrite.core.rdd.dependency import RangeDependency, ShuffleDependency
from pyrite.core.rdd.parallel_collection import ParallelCollectionRDD
from pyrite.core.rdd.pipelined import PipelinedRDD
from pyrite.core.rdd.union import UnionRDD
from pyrite.core.storage.block_id import RDDBlockId


def plus_one(x):
    return x + 1


def long_chain(length):
    node = ParallelCollectionRDD(0, range(6), 2, "")
    for i in range(length):
        node = PipelinedRDD(i + 1, node, Operator(OperatorKind.MAP, plus_one))
    return node


def test_a_chain_longer_than_the_stack_pickles_and_lays_out():
    node = long_chain(3000)
    partitions = node.partitions
    copy = pickle.loads(cloudpickle.dumps((node, None)))[0]
    source, operators = copy.pipeline(partitions[1], None)
    assert list(source) == [3, 4, 5]
    assert len(operators) == 3000


def test_parents_shared_by_two_children_stay_one_object():
    base = long_chain(1)
    union = UnionRDD(9, [base, base])
    copy = pickle.loads(pickle.dumps(union))
    assert copy.dependencies[0].rdd is copy.dependencies[1].rdd


def test_a_task_does_not_carry_the_partitions_or_the_map_side(sc):
    secret = "x" * 1000
    shuffled = sc.parallelize([(secret, 1)], 1).groupByKey()
    assert secret.encode() not in pickle.dumps(shuffled.node)
    copy = pickle.loads(pickle.dumps(shuffled.node))
    edge = copy.dependencies[0].rdd.dependencies[0]
    assert isinstance(edge, ShuffleDependency)
    assert edge.rdd is None


def test_pipeline_collects_operators_across_a_union(sc):
    rdd = sc.parallelize([1, 2], 1).map(plus_one).union(sc.parallelize([5], 1)).map(plus_one)
    first, second = rdd.node.partitions
    source, operators = rdd.node.pipeline(first, None)
    assert (list(source), len(operators)) == ([1, 2], 2)
    source, operators = rdd.node.pipeline(second, None)
    assert (list(source), len(operators)) == ([5], 1)


def test_narrow_dependencies_name_their_parents():
    edge = RangeDependency(long_chain(0), 0, 2, 2)
    assert [edge.get_parents(i) for i in range(5)] == [(), (), (0,), (1,), ()]


def test_a_cached_partition_is_computed_once(sc):
    counted = []
    rdd = sc.parallelize([1, 2], 1).map(lambda x: (counted.append(x), x)[1]).cache()
    node, partition = rdd.node, rdd.node.partitions[0]
    for _ in range(2):
        source, operators = node.pipeline(partition, None)
        assert operators == ()
        assert list(source) == [1, 2]
    assert counted == [1, 2]
    assert SparkEnv.get().block_manager.contains(RDDBlockId(rdd.id(), 0))
    rdd.unpersist()
    assert not SparkEnv.get().block_manager.contains(RDDBlockId(rdd.id(), 0))
    assert rdd.getStorageLevel() == StorageLevel.NONE


def test_operators_above_a_cached_node_are_not_applied_again(sc):
    cached = sc.parallelize([1], 1).map(plus_one).cache()
    child = cached.map(plus_one)
    source, operators = child.node.pipeline(child.node.partitions[0], None)
    assert list(fuse(operators)(source)) == [3]
    assert len(operators) == 1


@pytest.mark.parametrize(
    ("collection", "slices", "expected"),
    [
        (range(10), 4, [[0, 1], [2, 3, 4], [5, 6], [7, 8, 9]]),
        (list(range(10)), 4, [[0, 1], [2, 3], [4, 5], [6, 7, 8, 9]]),
        ([1, 2, 3], 5, [[], [1], [], [2], [3]]),
        (iter(range(7)), 3, [[0, 1], [2, 3], [4, 5, 6]]),
        (range(10, 0, -3), 3, [[10], [7], [4, 1]]),
        ([], 2, [[], []]),
    ],
)
def test_slices_are_pysparks(collection, slices, expected):
    node = ParallelCollectionRDD(0, collection, slices, "")
    assert [list(node.compute(part, None)) for part in node.partitions] == expected


def test_large_slices_are_cut_at_batches():
    node = ParallelCollectionRDD(0, list(range(5000)), 2, "")
    assert [len(list(node.compute(part, None))) for part in node.partitions] == [2048, 2952]


def test_no_slices_is_an_error():
    with pytest.raises(ValueError, match="Positive number of partitions required"):
        ParallelCollectionRDD(0, [1], 0, "")
