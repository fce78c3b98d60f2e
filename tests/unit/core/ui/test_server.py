from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from pyrite.core import events as e
from pyrite.core.errors import SparkException
from pyrite.core.ui.environment import environment_update
from pyrite.core.ui.pages import render_page
from pyrite.core.ui.server import StatusServer
from pyrite.core.ui.status_store import AppStatusStore

Play = Callable[[e.SparkListener, list[e.SparkListenerEvent]], None]


@pytest.fixture
def store(application: list[e.SparkListenerEvent], play: Play) -> AppStatusStore:
    store = AppStatusStore({})
    play(store, application)
    return store


@pytest.fixture
def server(store: AppStatusStore) -> Iterator[StatusServer]:
    server = StatusServer(store, {"spark.ui.port": "0"})
    yield server
    server.stop()


def fetch(url: str) -> tuple[str, str]:
    with urlopen(url, timeout=60) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def test_the_rest_interface_is_served(server: StatusServer) -> None:
    kind, body = fetch(f"{server.url}/api/v1/applications/local-1700000000000/jobs?status=all")
    assert kind == "application/json"
    assert [job["jobId"] for job in json.loads(body)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("", "collect at program.py:5"),
        ("jobs/", "add it all up"),
        ("jobs/", "<td>2023-11-14 22:13:25</td>"),
        ("stages/", "reduceByKey at program.py:4"),
        ("storage/", "squares"),
        ("executors/", "localhost"),
        ("environment/", "*********(redacted)"),
    ],
)
def test_every_page_is_served(server: StatusServer, page: str, text: str) -> None:
    kind, body = fetch(f"{server.url}/{page}")
    assert kind.startswith("text/html")
    assert text in body
    assert "hush" not in body


def test_what_is_missing_is_a_404(server: StatusServer) -> None:
    for path in ("nothing/", "api/v1/nothing"):
        with pytest.raises(HTTPError, match="404") as caught:
            fetch(f"{server.url}/{path}")
        caught.value.close()


def test_a_stopped_server_frees_its_port(store: AppStatusStore) -> None:
    server = StatusServer(store, {"spark.ui.port": "0"})
    port = int(server.url.rpartition(":")[2])
    server.stop()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=60)


def test_a_taken_port_leads_to_the_next(store: AppStatusStore) -> None:
    first = StatusServer(store, {"spark.ui.port": "0"})
    port = first.url.rpartition(":")[2]
    second = StatusServer(store, {"spark.ui.port": port})
    assert second.url != first.url
    second.stop()
    with pytest.raises(SparkException, match=rf"no free port from {port} to {port}"):
        StatusServer(store, {"spark.ui.port": port, "spark.port.maxRetries": "0"})
    first.stop()


def test_names_cannot_break_the_page(store: AppStatusStore) -> None:
    assert store.application is not None
    store.on_application_start(replace(store.application, app_name="<script>x</script>"))
    page = render_page(store, "/jobs/")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_environment_tells_settings_and_versions() -> None:
    event = environment_update({"spark.b": "2", "spark.a": "1"})
    assert list(event.spark_properties.items()) == [("spark.a", "1"), ("spark.b", "2")]
    assert "pyspark-client Version" in event.runtime_information
    assert event.system_properties["python.executable"]
