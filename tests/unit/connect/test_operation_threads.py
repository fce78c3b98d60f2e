import contextvars
import threading
import weakref
from queue import SimpleQueue

import pytest

from pyrite.connect import operation_threads
from pyrite.connect.operation_threads import run_in_thread, wait_for_tasks


@pytest.fixture(autouse=True)
def _no_idle_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation_threads, "_idle", [])
    monkeypatch.setattr(operation_threads, "_KEPT_SECONDS", 60.0)


def _wait_for_idle() -> None:
    while not operation_threads._idle:
        threading.Event().wait(0.001)


def test_a_thread_is_used_again() -> None:
    idents: SimpleQueue[int] = SimpleQueue()
    for _ in range(3):
        run_in_thread(lambda: idents.put(threading.get_ident()))
        _wait_for_idle()
    assert len({idents.get() for _ in range(3)}) == 1


def test_tasks_that_run_at_once_have_threads_of_their_own() -> None:
    meeting = threading.Barrier(3, timeout=60)
    for _ in range(2):
        run_in_thread(lambda: [meeting.wait()].clear())
    meeting.wait()


def test_a_task_sees_nothing_of_the_one_before() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="new")
    seen: SimpleQueue[str] = SimpleQueue()
    for _ in range(2):
        run_in_thread(lambda: (seen.put(variable.get()), variable.set("used"))[0])
        _wait_for_idle()
    assert [seen.get(), seen.get()] == ["new", "new"]


def test_a_task_that_was_waited_for_is_held_by_nobody() -> None:
    class Task:
        def __call__(self) -> None:
            begun.set()
            go_on.wait()

    begun, go_on = threading.Event(), threading.Event()
    task = Task()
    held = weakref.ref(task)
    run_in_thread(task)
    del task
    begun.wait()
    wait_for_tasks(0)
    assert held() is not None
    go_on.set()
    wait_for_tasks(60)
    assert held() is None


def test_an_idle_thread_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operation_threads, "_KEPT_SECONDS", 0.01)
    threads: SimpleQueue[threading.Thread] = SimpleQueue()
    run_in_thread(lambda: threads.put(threading.current_thread()))
    threads.get().join(60)
    assert operation_threads._idle == []
