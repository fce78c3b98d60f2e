"""The order in which task sets are offered workers."""

from dataclasses import dataclass

import pytest

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.scheduler.pool import PoolSettings, Scheduling, read_pools


@dataclass
class Set:
    stage_id: int
    priority: int = 0
    running_count: int = 0
    pool: str = "default"


def order(mode, pools, *sets):
    scheduling = Scheduling(mode, {pool.name: pool for pool in pools})
    return [member.stage_id for member in scheduling.order(sets)]


def test_fifo_goes_by_job_then_stage():
    assert order("FIFO", [], Set(3, 1), Set(2, 1), Set(9, 0)) == [9, 2, 3]


def test_fair_goes_by_what_pools_run():
    assert order("FAIR", [], Set(1, 0, 2, "a"), Set(2, 1, 1, "b"), Set(3, 2, 0, "c")) == [3, 2, 1]


def test_weight_multiplies_a_pools_share():
    pools = [PoolSettings("a", weight=3)]
    assert order("FAIR", pools, Set(1, 0, 2, "a"), Set(2, 1, 1, "b")) == [1, 2]
    assert order("FAIR", pools, Set(1, 0, 4, "a"), Set(2, 1, 1, "b")) == [2, 1]


def test_a_pool_below_its_minimum_goes_first():
    pools = [PoolSettings("a", min_share=5)]
    assert order("FAIR", pools, Set(1, 0, 4, "a"), Set(2, 1, 0, "b")) == [1, 2]
    assert order("FAIR", pools, Set(1, 0, 5, "a"), Set(2, 1, 0, "b")) == [2, 1]


def test_of_two_pools_below_their_minimum_the_needier_goes_first():
    pools = [PoolSettings("a", min_share=4), PoolSettings("b", min_share=10)]
    assert order("FAIR", pools, Set(1, 0, 2, "a"), Set(2, 1, 4, "b")) == [2, 1]


def test_each_pool_has_its_own_order_inside():
    sets = [Set(1, 0, 5, "p"), Set(2, 1, 0, "p")]
    assert order("FAIR", [PoolSettings("p", "FIFO")], *sets) == [1, 2]
    assert order("FAIR", [PoolSettings("p", "FAIR")], *sets) == [2, 1]


def test_an_unknown_mode_is_refused():
    with pytest.raises(SparkIllegalArgumentException, match="'LIFO' is not a scheduling mode"):
        Scheduling("LIFO", {})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "fairscheduler.xml"

    def write(text):
        path.write_text(text)
        return str(path)

    return write


def test_pools_are_read_from_sparks_file(file):
    path = file(
        """<?xml version="1.0"?>
        <allocations>
          <pool name="production">
            <schedulingMode>fair</schedulingMode><weight> 2 </weight><minShare>3</minShare>
          </pool>
          <pool name="plain"/>
        </allocations>"""
    )
    assert read_pools(path) == {
        "production": PoolSettings("production", "FAIR", 2, 3),
        "plain": PoolSettings("plain", "FIFO", 1, 0),
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<allocations><pool", "fairscheduler.xml cannot be used"),
        ("<allocations><pool/></allocations>", "'name'"),
        ('<a><pool name="p"><weight>two</weight></pool></a>', "'two'"),
        ('<a><pool name="p"><weight>0</weight></pool></a>', "weight of pool p is 0"),
        ('<a><pool name="p"><minShare>-1</minShare></pool></a>', "minShare of pool p is -1"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(file, text, said):
    with pytest.raises(SparkIllegalArgumentException, match=said):
        read_pools(file(text))


def test_a_missing_file_is_named():
    with pytest.raises(SparkIllegalArgumentException, match=r"/no/such\.xml cannot be used"):
        read_pools("/no/such.xml")
