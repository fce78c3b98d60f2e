from array import array

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.shuffle import MapOutputTracker, MapStatus


def status(map_id, location="m1:1"):
    return MapStatus(map_id, "0", f"/x/{map_id}", array("Q", [1, 2]), location)


@pytest.fixture
def tracker():
    tracker = MapOutputTracker()
    tracker.register_shuffle(0, 3)
    tracker.register_shuffle(5, 1)
    return tracker


def test_outputs_are_missing_until_registered(tracker):
    assert tracker.missing_maps(0) == [0, 1, 2]
    tracker.register_map_output(0, 1, status(1))
    assert tracker.missing_maps(0) == [0, 2]
    assert tracker.statuses(0) == [None, status(1), None]


def test_registering_a_shuffle_again_keeps_its_outputs(tracker):
    tracker.register_map_output(0, 1, status(1))
    tracker.register_shuffle(0, 3)
    assert tracker.missing_maps(0) == [0, 2]


def test_a_lost_machine_loses_its_outputs_only(tracker):
    tracker.register_map_output(0, 0, status(0, "m1:1"))
    tracker.register_map_output(0, 1, status(1, "m2:1"))
    tracker.register_map_output(5, 0, status(0, "m2:1"))
    assert tracker.unregister_outputs_at("m2:1") == [0, 5]
    assert tracker.missing_maps(0) == [1, 2]
    assert tracker.missing_maps(5) == [0]
    assert tracker.unregister_outputs_at("m2:1") == []


def test_moved_outputs_are_found_where_they_are(tracker):
    tracker.register_map_output(0, 0, status(0, "m1:1"))
    tracker.register_map_output(0, 1, status(1, "m2:1"))
    path = tracker.statuses(0)[0].path
    before = tracker.moves
    tracker.move_outputs("m1:1", {path: ("m3:1", "/there"), "/unknown": ("m3:1", "/no")})
    found = tracker.statuses(0)[0]
    assert (found.location, found.path, found.map_id) == ("m3:1", "/there", 0)
    assert tracker.unregister_outputs_at("m1:1") == []
    assert tracker.moved_since(0, 0, before)
    assert not tracker.moved_since(0, 0, tracker.moves)
    assert not tracker.moved_since(0, 1, before)


def test_outputs_can_be_unregistered_one_by_one_or_all(tracker):
    for map_id in range(3):
        tracker.register_map_output(0, map_id, status(map_id))
    tracker.unregister_map_output(0, 2)
    assert tracker.missing_maps(0) == [2]
    tracker.unregister_map_output(0, -1)
    assert tracker.missing_maps(0) == [0, 1, 2]
    tracker.unregister_map_output(77, 0)
    assert not tracker.contains(77)


def test_unknown_shuffles_are_refused(tracker):
    tracker.unregister_shuffle(0)
    assert not tracker.contains(0)
    with pytest.raises(SparkException, match="Shuffle 0 is not registered"):
        tracker.missing_maps(0)


def test_a_worker_takes_over_what_it_was_sent(tracker):
    worker = MapOutputTracker()
    worker.set_statuses(0, tracker.statuses(0))
    worker.register_map_output(0, 0, status(0))
    assert worker.missing_maps(0) == [1, 2]
    assert tracker.missing_maps(0) == [0, 1, 2]
