from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pyrite.core import events as e
from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.ui.event_log import EventLoggingListener
from pyrite.core.ui.event_log_writers import RollingLogWriter, open_event_log

Play = Callable[[e.SparkListener, list[e.SparkListenerEvent]], None]
APP = "local-1700000000000"


def plain(directory: Path, **more: str) -> dict[str, str]:
    return {
        "spark.eventLog.dir": str(directory),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
    } | {f"spark.eventLog.{key}": value for key, value in more.items()}


def names(path: Path) -> list[str]:
    return [json.loads(line)["Event"] for line in path.read_text().splitlines()]


def test_the_log_is_in_progress_until_it_is_closed(
    tmp_path: Path, application: list[e.SparkListenerEvent], play: Play
) -> None:
    listener = EventLoggingListener(APP, plain(tmp_path))
    play(listener, application)
    assert [path.name for path in tmp_path.iterdir()] == [f"{APP}.inprogress"]
    listener.close()
    listener.close()
    assert [path.name for path in tmp_path.iterdir()] == [APP]
    logged = names(tmp_path / APP)
    assert logged[0] == "SparkListenerLogStart"
    assert logged[-1] == "SparkListenerApplicationEnd"
    expected = [x for x in application if not isinstance(x, e.SparkListenerBlockUpdated)]
    assert len(logged) == 1 + len(expected)


def test_what_ended_is_readable_before_the_log_is_closed(
    tmp_path: Path, application: list[e.SparkListenerEvent], play: Play
) -> None:
    listener = EventLoggingListener(APP, plain(tmp_path))
    last = next(i for i, x in enumerate(application) if x.handler == "on_stage_completed")
    play(listener, application[: last + 1])
    assert names(tmp_path / f"{APP}.inprogress")[-1] == "SparkListenerStageCompleted"
    listener.close()


def test_block_updates_are_logged_only_when_asked(
    tmp_path: Path, application: list[e.SparkListenerEvent], play: Play
) -> None:
    conf = plain(tmp_path, **{"logBlockUpdates.enabled": "true"})
    listener = EventLoggingListener(APP, conf)
    play(listener, application)
    listener.close()
    assert names(tmp_path / APP).count("SparkListenerBlockUpdated") == 2


def test_secrets_are_hidden(tmp_path: Path, play: Play) -> None:
    listener = EventLoggingListener(APP, plain(tmp_path))
    stage = e.StageInfo(0, 0, "count", 1)
    play(
        listener,
        [
            e.SparkListenerEnvironmentUpdate({}, {"my.password": "hush"}),
            e.SparkListenerJobStart(0, 1, (stage,), {"api.token": "hush"}),
            e.SparkListenerStageSubmitted(stage, {"api.token": "hush"}),
        ],
    )
    listener.close()
    assert "hush" not in (tmp_path / APP).read_text()
    assert (tmp_path / APP).read_text().count("*********(redacted)") == 3


def test_by_default_the_log_is_a_compressed_rolling_directory(
    tmp_path: Path, application: list[e.SparkListenerEvent], play: Play
) -> None:
    import pyarrow

    listener = EventLoggingListener(APP, {"spark.eventLog.dir": f"file://{tmp_path}"})
    directory = tmp_path / f"eventlog_v2_{APP}"
    assert listener.log_path == str(directory)
    assert (directory / f"appstatus_{APP}.inprogress").exists()
    play(listener, application)
    listener.close()
    found = sorted(path.name for path in directory.iterdir())
    assert found == [f"appstatus_{APP}", f"events_1_{APP}.zstd"]
    with pyarrow.input_stream(str(directory / found[1]), compression="zstd") as stream:
        lines = stream.read().splitlines()
    assert json.loads(lines[-1])["Event"] == "SparkListenerApplicationEnd"


def test_a_full_file_is_followed_by_the_next(tmp_path: Path) -> None:
    from fsspec.implementations.local import LocalFileSystem

    path = tmp_path / "eventlog_v2_a"
    writer = RollingLogWriter(LocalFileSystem(), str(path), "a", False, max_file_size=10)
    for line in (b"123456\n", b"789012\n", b"345678\n"):
        writer.write(line, flush=True)
    writer.close()
    assert (path / "events_1_a").read_bytes() == b"123456\n789012\n"
    assert (path / "events_2_a").read_bytes() == b"345678\n"


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(SparkException, match=r"nowhere does not exist.*spark.eventLog.dir"):
        EventLoggingListener(APP, plain(tmp_path / "nowhere"))


def test_a_file_is_no_log_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SparkIllegalArgumentException, match="file is not a directory"):
        EventLoggingListener(APP, plain(tmp_path / "file"))


def test_an_old_log_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / APP).write_text("old")
    with pytest.raises(SparkException, match="Target log file already exists"):
        EventLoggingListener(APP, plain(tmp_path))
    EventLoggingListener(APP, plain(tmp_path, overwrite="true")).close()
    assert names(tmp_path / APP) == ["SparkListenerLogStart"]


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("compression.codec", "lz4", "'lz4' is not available"),
        ("rolling.maxFileSize", "1m", "at least 10485760 bytes"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    tmp_path: Path, setting: str, value: str, message: str
) -> None:
    conf = {"spark.eventLog.dir": str(tmp_path), f"spark.eventLog.{setting}": value}
    with pytest.raises(SparkIllegalArgumentException, match=message):
        EventLoggingListener(APP, conf)


def test_the_application_id_is_made_a_file_name(tmp_path: Path) -> None:
    EventLoggingListener("App 1/$x", plain(tmp_path)).close()
    assert [path.name for path in tmp_path.iterdir()] == ["app-1-_x"]


def test_an_event_after_the_end_is_ignored(
    tmp_path: Path, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    listener = EventLoggingListener(APP, plain(tmp_path))
    listener.close()
    with caplog.at_level(logging.WARNING):
        play(listener, [e.SparkListenerUnpersistRDD(1)])
    assert names(tmp_path / APP) == ["SparkListenerLogStart"]
    assert not caplog.records


def test_redaction_leaves_the_event_itself_alone(tmp_path: Path, play: Play) -> None:
    listener = EventLoggingListener(APP, plain(tmp_path))
    event = e.SparkListenerJobStart(0, 1, (), {"api.token": "hush"})
    play(listener, [event])
    listener.close()
    assert event == replace(event, properties={"api.token": "hush"})


def test_the_log_may_be_in_hdfs_that_is_a_directory_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYRITE_HDFS_DIR", str(tmp_path / "hdfs"))
    monkeypatch.delenv("HADOOP_CONF_DIR", raising=False)
    (tmp_path / "hdfs/logs").mkdir(parents=True)
    open_event_log("app-1", {"spark.eventLog.dir": "hdfs:///logs"}).close()
    assert [path.name for path in (tmp_path / "hdfs/logs").iterdir()] == ["eventlog_v2_app-1"]
