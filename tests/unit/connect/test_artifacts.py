import hashlib
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql.connect import proto
from pyspark.sql.connect.functions import udf
from pyspark.sql.connect.session import SparkSession

from pyrite.connect.channel import InProcessChannelBuilder, InProcessError
from pyrite.connect.server import SparkConnectService

Request = proto.AddArtifactsRequest


def upload(raw: Any, name: str, data: bytes, crc: int | None = None) -> bool:
    """Upload one artifact, and return whether the server found it sound."""
    chunk = Request.ArtifactChunk(data=data, crc=zlib.crc32(data) if crc is None else crc)
    batch = Request.Batch(artifacts=[Request.SingleChunkArtifact(name=name, data=chunk)])
    request = Request(session_id=raw.session_id, user_context=raw.user, batch=batch)
    (summary,) = raw.stub.AddArtifacts(iter([request])).artifacts
    assert summary.name == name
    return bool(summary.is_crc_successful)


def exists(raw: Any, name: str) -> bool:
    response = raw.ask("ArtifactStatus", proto.ArtifactStatusesRequest, names=[name])
    return bool(response.statuses[name].exists)


def test_cached_data_is_there_once_it_came_in_one_piece(raw: Any) -> None:
    assert not exists(raw, "cache/abc")
    assert not upload(raw, "cache/abc", b"data", crc=1)
    assert not exists(raw, "cache/abc")
    assert upload(raw, "cache/abc", b"data")
    assert exists(raw, "cache/abc")


def test_large_artifacts_come_in_chunks(
    service: SparkConnectService, spark: SparkSession, raw_beside: Any
) -> None:
    blob = os.urandom(100_000)
    name = spark.client.cache_artifact(blob)
    assert name == hashlib.sha256(blob).hexdigest()
    session = service.sessions.find("tester", raw_beside.session_id)
    assert session is not None
    assert session.artifacts.cached(name) == blob


@pytest.mark.parametrize(
    ("announced", "total", "chunks"),
    [(3, 6, [b"bb"]), (2, 4, []), (2, 77, [b"bb"]), (0, 2, []), (2, 4, [None])],
)
def test_chunks_that_are_not_those_announced_are_refused(
    raw: Any, announced: int, total: int, chunks: list[bytes | None]
) -> None:
    def chunk(data: bytes) -> Request.ArtifactChunk:
        return Request.ArtifactChunk(data=data, crc=zlib.crc32(data))

    begin = Request.BeginChunkedArtifact(
        name="cache/abc", total_bytes=total, num_chunks=announced, initial_chunk=chunk(b"aa")
    )
    requests = [
        Request(session_id=raw.session_id, user_context=raw.user, begin_chunk=begin),
        *(Request(chunk=chunk(data)) if data else Request(batch={}) for data in chunks),
    ]
    with pytest.raises(InProcessError, match=f"cache/abc is {total} bytes in {announced} chunks"):
        raw.stub.AddArtifacts(iter(requests))
    assert not exists(raw, "cache/abc")


def test_an_upload_of_nothing_is_an_error(raw: Any) -> None:
    with pytest.raises(InProcessError, match="no request"):
        raw.stub.AddArtifacts(iter([]))


def test_rows_above_the_threshold_go_through_artifacts(spark: SparkSession) -> None:
    spark.conf.set("spark.sql.session.localRelationCacheThreshold", 1000)
    frame = spark.createDataFrame([(n, "x" * 10) for n in range(1000)], ["n", "t"])
    assert "chunked_cached_local_relation" in str(frame._plan.to_proto(spark.client))
    assert sum(row.n for row in frame.collect()) == sum(range(1000))


@pytest.mark.parametrize("name", ["../x", "/abs", "pyfiles/../../x", "alone"])
def test_artifacts_stay_in_their_directory(raw: Any, name: str) -> None:
    with pytest.raises(InProcessError, match="INVALID_ARTIFACT_PATH"):
        upload(raw, name, b"data")


def test_a_file_cannot_be_replaced_by_another(raw: Any) -> None:
    assert upload(raw, "files/f.txt", b"one")
    assert upload(raw, "files/f.txt", b"one")
    with pytest.raises(InProcessError, match="ARTIFACT_ALREADY_EXISTS"):
        upload(raw, "files/f.txt", b"two")


def test_what_only_a_jvm_can_use_is_refused(raw: Any) -> None:
    with pytest.raises(InProcessError, match="no JVM"):
        upload(raw, "jars/a.jar", b"data")


def test_files_modules_and_archives_reach_the_workers(
    service: SparkConnectService, spark: SparkSession, tmp_path: Path
) -> None:
    (tmp_path / "sent_module.py").write_text("VALUE = 42")
    (tmp_path / "sent_file.txt").write_text("text")
    with zipfile.ZipFile(tmp_path / "sent.zip", "w") as archive:
        archive.writestr("inside.txt", "packed")
    spark.addArtifacts(str(tmp_path / "sent_module.py"), pyfile=True)
    spark.addArtifacts(str(tmp_path / "sent_file.txt"), file=True)
    spark.addArtifacts(f"{tmp_path / 'sent.zip'}#unpacked", archive=True)

    def read(_: int) -> tuple[int, str, str]:
        import sent_module  # type: ignore[import-not-found]

        from pyrite.core.shared.files import SparkFiles

        with open(SparkFiles.get("sent_file.txt")) as file:
            text = file.read()
        with open(os.path.join(SparkFiles.get("unpacked"), "inside.txt")) as file:
            return sent_module.VALUE, text, file.read()

    context = service.sessions._shared.context
    assert context.parallelize([1], 1).map(read).collect() == [(42, "text", "packed")]


@pytest.fixture
def isolated(spark: SparkSession) -> SparkSession:
    spark.conf.set("spark.sql.artifact.isolation.enabled", "true")
    return spark


def module(directory: Path, value: int) -> str:
    directory.mkdir()
    (directory / "own_module.py").write_text(f"VALUE = {value}")
    return str(directory / "own_module.py")


def own_value(x):  # type: ignore[no-untyped-def]
    try:
        from own_module import VALUE  # type: ignore[import-not-found]
    except ImportError:
        return None
    return int(VALUE)


own_value.__module__ = "__main__"  # pickled by value: workers cannot import this module


def test_isolated_sessions_have_files_of_their_own(
    service: SparkConnectService, isolated: SparkSession, tmp_path: Path
) -> None:
    def values(session: SparkSession) -> set[int | None]:
        rows = session.range(8).select(udf(own_value, "int")("id")).collect()
        return {row[0] for row in rows}

    isolated.addArtifacts(module(tmp_path / "one", 1), pyfile=True)
    assert values(isolated) == {1}
    clone = isolated.cloneSession()
    clone.release_session_on_close = True  # the client forgets to say so
    other = SparkSession(connection=InProcessChannelBuilder(service), userId="other")
    other.conf.set("spark.sql.artifact.isolation.enabled", "true")
    try:
        assert (values(clone), values(other)) == ({1}, {None})
        other.addArtifacts(module(tmp_path / "two", 2), pyfile=True)
        assert [values(other), values(isolated), values(clone)] == [{2}, {1}, {1}]
        clone.addArtifacts(__file__, file=True)
        assert own_value(0) is None  # nothing of it reaches this process
    finally:
        other.stop()
        clone.stop()
    assert values(isolated) == {1}


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    (tmp_path / "source").write_text("text")
    return tmp_path / "deep" / "copy"


def test_copies_to_the_file_system_need_leave(
    spark: SparkSession,
    service: SparkConnectService,
    tmp_path: Path,
    destination: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = "spark.sql.artifact.copyFromLocalToFs.allowDestLocal"
    with pytest.raises(AnalysisException, match="CANNOT_MODIFY_STATIC_CONFIG"):
        spark.conf.set(key, "true")
    with pytest.raises(InProcessError, match="allowDestLocal"):
        spark.copyFromLocalToFs(str(tmp_path / "source"), str(destination))
    session = service.sessions.find("tester", spark.client._session_id)
    assert session is not None
    shared = session.state.shared
    allowed = {**shared.conf, key: "true"}
    monkeypatch.setattr(type(shared), "conf", property(lambda _: allowed))
    spark.copyFromLocalToFs(str(tmp_path / "source"), str(destination))
    assert destination.read_text() == "text"


def test_a_session_takes_its_artifacts_with_it(service: SparkConnectService, raw: Any) -> None:
    upload(raw, "cache/abc", b"data")
    session = service.sessions.find("tester", raw.session_id)
    assert session is not None
    directory = session.artifacts._directory
    assert os.listdir(directory)
    service.sessions.release("tester", raw.session_id)
    assert not os.path.exists(directory)
