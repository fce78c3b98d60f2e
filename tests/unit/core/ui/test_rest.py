"""``golden_rest.json`` is what Spark's history server says of the same application.

Left out of it is what only a JVM has, push-based shuffle, and the words for storage levels.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pyrite.core import events as e
from pyrite.core.ui.rest import NotFound, respond
from pyrite.core.ui.status_store import AppStatusStore

Play = Callable[[e.SparkListener, list[e.SparkListenerEvent]], None]
GOLDEN = json.loads(Path(__file__).with_name("golden_rest.json").read_text())
APP = "applications/local-1700000000000"


@pytest.fixture
def store(application: list[e.SparkListenerEvent], play: Play) -> AppStatusStore:
    store = AppStatusStore({})
    play(store, application)
    return store


@pytest.mark.parametrize("path", sorted(GOLDEN))
def test_the_answers_are_those_of_spark(store: AppStatusStore, path: str) -> None:
    ours = respond(store, f"{APP}/{path}")
    assert len(ours) == len(GOLDEN[path])
    for mine, spark in zip(ours, GOLDEN[path], strict=True):
        assert {key: mine.get(key) for key in spark} == spark


def test_the_application_itself(store: AppStatusStore) -> None:
    (app,) = respond(store, "applications")
    assert app == respond(store, APP)
    (attempt,) = app["attempts"]
    assert (app["id"], app["name"]) == ("local-1700000000000", "small")
    assert attempt["startTime"] == "2023-11-14T22:13:20.000GMT"
    assert (attempt["duration"], attempt["completed"]) == (8000, True)


def test_one_of_many(store: AppStatusStore) -> None:
    assert respond(store, f"{APP}/jobs/1")["jobId"] == 1
    assert [stage["attemptId"] for stage in respond(store, f"{APP}/stages/2")] == [0]
    assert respond(store, f"{APP}/stages/2/0")["status"] == "FAILED"
    assert respond(store, f"{APP}/storage/rdd/1")["name"] == "squares"
    tasks = respond(store, f"{APP}/stages/2/0/taskList")
    assert [task["status"] for task in tasks] == ["SUCCESS", "FAILED"]
    assert tasks[1]["errorMessage"] == "ZeroDivisionError: division by zero"


def test_secrets_are_hidden(store: AppStatusStore) -> None:
    shown = dict(respond(store, f"{APP}/environment")["sparkProperties"])
    assert shown == {"spark.app.name": "small", "my.secret": "*********(redacted)"}


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("applications/other/jobs", "no such app: other"),
        (f"{APP}/jobs/77", "unknown job: 77"),
        (f"{APP}/stages/77", "unknown stage: 77"),
        (f"{APP}/stages/2/5", "unknown stage: 2 attempt 5"),
        (f"{APP}/storage/rdd/77", "no rdd found w/ id 77"),
        (f"{APP}/nothing", "no such path"),
    ],
)
def test_what_is_missing_is_named(store: AppStatusStore, path: str, missing: str) -> None:
    with pytest.raises(NotFound, match=missing):
        respond(store, path)


def test_before_the_start_there_is_no_application() -> None:
    assert respond(AppStatusStore({}), "applications") == []
