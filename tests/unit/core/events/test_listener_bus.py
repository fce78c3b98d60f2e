from __future__ import annotations

import logging
import threading

import pytest

from pyrite.core import events as e


class Collector(e.SparkListener):
    """Keeps the RDD ids it hears of."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def on_unpersist_rdd(self, event: e.SparkListenerUnpersistRDD) -> None:
        self.heard.append(event.rdd_id)


class Failing(Collector):
    def on_unpersist_rdd(self, event: e.SparkListenerUnpersistRDD) -> None:
        super().on_unpersist_rdd(event)
        raise ValueError("a listener's own trouble")


class Blocking(Collector):
    """Waits in its first event until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.entered = threading.Event()
        self.let_go = threading.Event()

    def on_unpersist_rdd(self, event: e.SparkListenerUnpersistRDD) -> None:
        self.entered.set()
        self.let_go.wait(60)
        super().on_unpersist_rdd(event)


def post(bus: e.ListenerBus, *rdd_ids: int) -> None:
    for rdd_id in rdd_ids:
        bus.post(e.SparkListenerUnpersistRDD(rdd_id))


def test_every_listener_gets_every_event_in_order() -> None:
    bus, first, second = e.ListenerBus(), Collector(), Collector()
    bus.add_listener(first)
    bus.add_listener(second)
    post(bus, *range(100))
    bus.wait_until_empty(60)
    assert first.heard == second.heard == list(range(100))
    bus.stop()


def test_stop_delivers_what_was_posted_and_nothing_later() -> None:
    bus, listener = e.ListenerBus(), Collector()
    bus.add_listener(listener)
    post(bus, 1, 2)
    bus.stop()
    post(bus, 3)
    bus.stop()
    assert listener.heard == [1, 2]


def test_stop_without_any_event_is_fine() -> None:
    bus = e.ListenerBus()
    bus.wait_until_empty(0)
    bus.stop()


def test_a_failing_listener_disturbs_nobody_and_is_reported_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bus, failing, healthy = e.ListenerBus(), Failing(), Collector()
    bus.add_listener(failing)
    bus.add_listener(healthy)
    post(bus, 1, 2, 3)
    bus.stop()
    assert failing.heard == healthy.heard == [1, 2, 3]
    (record,) = caplog.records
    assert "Failing raised on SparkListenerUnpersistRDD" in record.getMessage()
    assert record.exc_info is not None


def test_a_removed_listener_hears_no_more() -> None:
    bus, listener = e.ListenerBus(), Collector()
    bus.add_listener(listener)
    post(bus, 1)
    bus.wait_until_empty(60)
    bus.remove_listener(listener)
    bus.remove_listener(listener)
    post(bus, 2)
    bus.stop()
    assert listener.heard == [1]


def test_a_full_queue_drops_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    bus, slow = e.ListenerBus(capacity=2), Blocking()
    bus.add_listener(slow)
    post(bus, 0)
    assert slow.entered.wait(60)
    with caplog.at_level(logging.WARNING):
        post(bus, 1, 2, 3, 4)
    slow.let_go.set()
    bus.stop()
    assert slow.heard == [0, 1, 2]
    assert bus.dropped == 2
    (record,) = caplog.records
    assert "spark.scheduler.listenerbus.eventqueue.capacity" in record.getMessage()


def test_waiting_for_a_stuck_listener_ends_in_time() -> None:
    bus, slow = e.ListenerBus(), Blocking()
    bus.add_listener(slow)
    post(bus, 0)
    with pytest.raises(TimeoutError, match="still had events"):
        bus.wait_until_empty(0.01)
    slow.let_go.set()
    bus.stop()


def test_stop_gives_up_on_a_stuck_listener(caplog: pytest.LogCaptureFixture) -> None:
    bus, slow = e.ListenerBus(), Blocking()
    bus.add_listener(slow)
    post(bus, 0, 1)
    assert slow.entered.wait(60)
    bus.stop(timeout=0.01)
    slow.let_go.set()
    assert "1 events were not delivered" in caplog.text
    bus.stop()
    assert slow.heard == [0]


def test_a_listener_may_stop_the_bus() -> None:
    bus = e.ListenerBus()

    class Stopping(Collector):
        def on_unpersist_rdd(self, event: e.SparkListenerUnpersistRDD) -> None:
            bus.stop()
            super().on_unpersist_rdd(event)

    listener = Stopping()
    bus.add_listener(listener)
    post(bus, 1)
    bus.wait_until_empty(60)
    assert listener.heard == [1]


def test_every_event_has_its_handler() -> None:
    handlers = {
        cls.handler
        for cls in e.SparkListenerEvent.__subclasses__()
        if cls.__module__.startswith("pyrite")
    }
    assert handlers == {name for name in vars(e.SparkListener) if name.startswith("on_")} - {
        "on_other_event"
    }


def test_an_unknown_event_arrives_as_other() -> None:
    seen: list[e.SparkListenerEvent] = []

    class Other(e.SparkListener):
        def on_other_event(self, event: e.SparkListenerEvent) -> None:
            seen.append(event)

    bus = e.ListenerBus()
    bus.add_listener(Other())
    bus.post(e.SparkListenerEvent())
    bus.stop()
    assert seen == [e.SparkListenerEvent()]
