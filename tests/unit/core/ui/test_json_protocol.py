from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pyrite.core import events as e
from pyrite.core.ui.json_protocol import event_to_json, event_to_line, log_start

GOLDEN = Path(__file__).with_name("golden_event_log.jsonl")
# Maps whose keys belong to the user.
FREE_MAPS = {"Properties", "Log Urls", "Attributes", "Resources"}


def shape(value: Any) -> Any:
    """Keys in order, nesting and types; of a list, the shapes of its members."""
    if isinstance(value, dict):
        return [(key, "map" if key in FREE_MAPS else shape(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return ["list", *(shape(inner) for inner in value)]
    return type(value).__name__


def test_every_event_has_the_form_spark_gives_it(
    every_event: list[e.SparkListenerEvent],
) -> None:
    golden = [json.loads(line) for line in GOLDEN.read_text().splitlines()][1:]
    ours = [event_to_json(event) for event in every_event]
    assert [line["Event"] for line in ours] == [line["Event"] for line in golden]
    for mine, spark in zip(ours, golden, strict=True):
        assert shape(mine) == shape(spark)


def test_the_fields_carry_the_values_of_the_event() -> None:
    info = e.StageInfo(3, 1, "count", 8, parent_ids=(1, 2), submission_time=5)
    written = json.loads(event_to_line(e.SparkListenerStageSubmitted(info, {"a": "b"})))
    stage = written["Stage Info"]
    assert (stage["Stage ID"], stage["Stage Attempt ID"], stage["Parent IDs"]) == (3, 1, [1, 2])
    assert stage["Submission Time"] == 5
    assert "Completion Time" not in stage
    assert written["Properties"] == {"a": "b"}


def test_metrics_go_where_spark_has_them() -> None:
    metrics = e.TaskMetrics(gc_time=4, shuffle_read_local_blocks=2, shuffle_write_time_ns=9)
    task = e.TaskInfo(0, 0, 0, 0, 1, "driver", "localhost")
    end = e.SparkListenerTaskEnd(0, 0, "ResultTask", e.Success(), task, metrics)
    written = event_to_json(end)["Task Metrics"]
    assert written["JVM GC Time"] == 4
    assert written["Shuffle Read Metrics"]["Local Blocks Fetched"] == 2
    assert written["Shuffle Write Metrics"]["Shuffle Write Time"] == 9


def test_a_users_accumulator_is_written_as_text() -> None:
    info = e.StageInfo(0, 0, "s", 1, accumulables=(e.AccumulableInfo(1, "seen", value=[1, 2]),))
    stage = event_to_json(e.SparkListenerStageCompleted(info))["Stage Info"]
    assert stage["Accumulables"][0]["Value"] == "[1, 2]"


def test_a_line_is_one_line_even_with_odd_text() -> None:
    line = event_to_line(e.SparkListenerApplicationStart("a\nb\udc80é", "id", 1, "ada"))
    assert line.count(b"\n") == 1
    assert json.loads(line)["App Name"] == "a\nb\udc80é"


def test_the_first_line_names_the_spark_version() -> None:
    golden = json.loads(GOLDEN.read_text().splitlines()[0])
    assert shape(json.loads(log_start("4.3.0"))) == shape(golden)


def test_an_unknown_event_is_refused_by_name() -> None:
    class Odd(e.SparkListenerEvent):
        pass

    with pytest.raises(TypeError, match="Odd has no JSON form"):
        event_to_json(Odd())


def test_a_block_manager_without_a_port_gets_one_that_spark_can_read() -> None:
    event = e.SparkListenerBlockManagerRemoved(e.BlockManagerId("driver", "localhost"), 1)
    assert event_to_json(event)["Block Manager ID"]["Port"] == 1
