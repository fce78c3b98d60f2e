"""What people read when a task fails."""

import pickle

import pytest

from pyrite.core import events
from pyrite.core.executor.messages import TaskFailed
from pyrite.core.scheduler.failure import describe_failure, user_error
from pyrite.core.scheduler.task_set_manager import Attempt, Choice


def failed(error=b"", traceback="Traceback\nValueError: bad\n", element=None):
    return TaskFailed(7, error, "ValueError", "bad", traceback, element, (), events.TaskMetrics())


@pytest.fixture
def describe(make_task_set):
    task_set = make_task_set(3, stage=4, attempt=1)
    info = events.TaskInfo(7, 2, 1, 2, 0, "driver", "localhost")
    attempt = Attempt(Choice(task_set.tasks[2], 1, False, "ANY"), "driver/0", 0.0, info)
    return lambda end, message: describe_failure(attempt, task_set, end, message)


def test_a_failure_says_where_what_and_on_which_element(describe):
    end = events.ExceptionFailure("ValueError", "bad")
    assert describe(end, failed(element="'x'")) == (
        "Lost task 2.1 in stage 4.1 (TID 7) (localhost executor driver): Traceback\n"
        "ValueError: bad\nwhile processing 'x' of partition 2"
    )
    assert describe(end, failed()).endswith("ValueError: bad\nin partition 2")


def test_a_lost_worker_says_how_it_ended(describe):
    text = describe(events.ExecutorLostFailure("driver", True, "killed by signal 9"), None)
    assert text.startswith("Lost task 2.1 in stage 4.1 (TID 7) (localhost executor driver): ")
    assert "killed by signal 9" in text


def test_the_users_exception_comes_back():
    error = user_error(failed(pickle.dumps(KeyError("k"))))
    assert isinstance(error, KeyError)
    assert error.args == ("k",)


class Refuses:
    def __reduce__(self):
        return int, ("not a number",)


@pytest.mark.parametrize(
    "message",
    [None, failed(), failed(b"garbage"), failed(pickle.dumps(3)), failed(pickle.dumps(Refuses()))],
)
def test_an_exception_that_cannot_come_back_is_no_second_failure(message):
    assert user_error(message) is None
