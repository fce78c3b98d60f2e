"""What a running task says of itself is sent now and then, and its last words always."""

import threading

import pytest

from pyrite.core import events
from pyrite.core.context import SparkContext
from pyrite.core.executor.progress import ProgressSender
from pyrite.core.task_context import TaskContext


class Sent:
    def __init__(self):
        self.values = []
        self.first = threading.Event()

    def __call__(self, values):
        self.values.append(values)
        self.first.set()


def test_a_task_that_says_nothing_sends_nothing():
    sent = Sent()
    ProgressSender(sent).finish()
    assert sent.values == []


def test_the_first_is_sent_at_once_and_the_last_at_the_end():
    sent = Sent()
    progress = ProgressSender(sent, interval=1000)
    progress.report("lines", 1)
    assert sent.first.wait(60)
    for count in range(2, 1001):
        progress.report("lines", count)
        progress.report("at", "b")
    progress.finish()
    assert sent.values == [{"lines": 1}, {"lines": 1000, "at": "b"}]


def test_what_is_new_is_sent_after_a_moment():
    sent = Sent()
    progress = ProgressSender(sent, interval=0.001)
    progress.report("lines", 1)
    assert sent.first.wait(60)
    sent.first.clear()
    progress.report("lines", 2)
    assert sent.first.wait(60)
    progress.finish()
    assert sent.values == [{"lines": 1}, {"lines": 2}]


def test_what_is_said_after_the_end_is_not_sent():
    sent = Sent()
    progress = ProgressSender(sent)
    progress.finish()
    progress.report("lines", 1)
    progress.finish()
    assert sent.values == []


def test_a_value_that_cannot_be_sent_is_told_of_and_no_error(caplog):
    def send(values):
        raise TypeError("cannot pickle")

    progress = ProgressSender(send)
    progress.report("lines", 1)
    progress.finish()
    assert "cannot pickle" in caplog.text


class Listener(events.SparkListener):
    def __init__(self):
        self.updates = []
        self.last = {}
        self.heard = threading.Event()

    def on_executor_metrics_update(self, event):
        self.updates += [
            {info.name: info.update for info in update.accumulables}
            for update in event.task_updates
        ]
        self.heard.set()

    def on_task_end(self, event):
        infos = event.task_info.accumulables
        self.last[event.task_info.index] = {info.name: info.update for info in infos}


def test_without_an_application_nobody_hears_it():
    context = TaskContext(
        stage_id=0,
        partition_id=0,
        attempt_number=0,
        task_attempt_id=0,
        metrics=events.TaskMetrics(),
    )
    context.report_progress("lines", 1)


@pytest.mark.parametrize("master", ["local[2]"])
def test_listeners_hear_a_task_while_it_runs(master, tmp_path):
    go_on = tmp_path / "go on"

    def work(index, elements):
        import os
        import time

        context = TaskContext.get()
        context.report_progress("at", f"task {index}")
        while not os.path.exists(go_on):
            time.sleep(0.01)
        context.report_progress("at", "the end")
        return elements

    listener = Listener()
    with SparkContext(master) as sc:
        sc._application.bus.add_listener(listener)
        result = threading.Thread(
            target=lambda: sc.parallelize(range(2), 2).mapPartitionsWithIndex(work).count()
        )
        result.start()
        assert listener.heard.wait(60)
        assert listener.updates[0] in ({"at": "task 0"}, {"at": "task 1"})
        go_on.touch()
        result.join()
    assert listener.last == {0: {"at": "the end"}, 1: {"at": "the end"}}


def test_a_task_may_be_killed_while_its_thread_is_being_started(monkeypatch):
    def killed(thread):
        raise KeyboardInterrupt

    sent = []
    progress = ProgressSender(sent.append)
    monkeypatch.setattr(threading.Thread, "start", killed)
    with pytest.raises(KeyboardInterrupt):
        progress.report("lines", 7)
    progress.finish()
    assert sent == [{"lines": 7}]
