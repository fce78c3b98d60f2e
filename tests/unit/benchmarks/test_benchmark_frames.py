import sys
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.frames.__main__ import chosen, compare, rows
from benchmarks.frames.cases import CASES, Case
from benchmarks.peer import Peer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


class Answering:
    """A peer that gives prepared answers."""

    def __init__(self, engine: str, seconds: float, result: Any = 1) -> None:
        self.engine = engine
        self._answer = {"result": result, "wall": seconds, "cpu": seconds}

    def ask(self, question: object) -> dict[str, Any]:
        return self._answer


CASE = Case("small", "Something small", lambda given: lambda: None, {"pyspark": 3, "sail": None})


def peers(*answering: Answering) -> Any:
    return list(answering)


def test_a_worker_answers_with_result_and_costs() -> None:
    with Peer("pyrite", sys.executable, "benchmarks.frames.worker", ["0.001", "2"]) as peer:
        answer = peer.ask("collect")
        shown = peer.ask("udf")
    assert answer["result"] == [1000, 999, 499.5, "name999", False]
    assert answer["wall"] > 0
    assert answer["cpu"] > 0
    assert shown["result"] == sum(n * 2 + 1 for n in range(5000))


def test_a_case_has_a_row_for_each_peer_with_the_ratio_of_its_times() -> None:
    found = compare(CASE, peers(Answering("pyrite", 2), Answering("pyspark", 8)), rounds=2)
    ratio = "4.0x (4.0..4.0)"
    assert rows(CASE, found) == [
        ["Something small", "pyspark", "8.000", "2.000", ratio, ratio, "3x"]
    ]


def test_different_results_end_the_run() -> None:
    with pytest.raises(SystemExit, match="small: pyspark gives 2, Pyrite 1"):
        compare(CASE, peers(Answering("pyrite", 2), Answering("pyspark", 8, 2)), rounds=1)


def test_cases_are_chosen_by_name() -> None:
    assert chosen("") == list(CASES)
    assert [case.name for case in chosen("udf,tiny")] == ["tiny", "udf"]
    with pytest.raises(SystemExit, match="no case nothing"):
        chosen("udf,nothing")


def test_names_of_cases_are_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


def test_a_worker_that_ends_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = SimpleNamespace(stdout=iter(()))
    monkeypatch.setattr("benchmarks.peer.subprocess.Popen", lambda *_, **__: ended)
    with pytest.raises(SystemExit, match=r"sail ended; run benchmarks.frames.worker by hand"):
        Peer("sail", sys.executable, "benchmarks.frames.worker", [])
