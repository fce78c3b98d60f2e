import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from pyspark.errors.exceptions.connect import InvalidPlanInput, SparkConnectException
from pyspark.sql import Observation
from pyspark.sql import functions as F
from pyspark.sql.connect import proto
from pyspark.sql.connect.session import SparkSession

from pyrite.connect.channel import InProcessError
from pyrite.connect.operation_threads import wait_for_tasks
from pyrite.connect.server import SparkConnectService


def kinds(responses: list[proto.ExecutePlanResponse]) -> list[str | None]:
    return ["schema" if r.HasField("schema") else r.WhichOneof("response_type") for r in responses]


def endless(spark: SparkSession):  # type: ignore[no-untyped-def]
    """A query that takes minutes."""
    return spark.range(10**12).select(F.max(F.col("id") % 7))


class Failure(threading.Thread):
    """Collects a DataFrame beside the test, and keeps the error that ends it."""

    def __init__(self, frame, tag: str = "") -> None:  # type: ignore[no-untyped-def]
        super().__init__(daemon=True)
        self.frame = frame
        self.tag = tag
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        if self.tag:
            self.frame.sparkSession.addTag(self.tag)
        try:
            self.frame.collect()
        except Exception as error:
            self.error = error


def running(spark: SparkSession, number: int = 1) -> list[str]:
    """Wait until so many operations run, and return their ids."""
    state = proto.GetStatusResponse.OperationStatus.OperationState.OPERATION_STATE_RUNNING
    for _ in range(6000):
        statuses = spark.client._get_operation_statuses().operation_statuses
        ids = [each.operation_id for each in statuses if each.state == state]
        if len(ids) == number:
            return ids
        time.sleep(0.01)
    raise AssertionError("the query did not start")


def test_rows_come_back(spark: SparkSession) -> None:
    assert [tuple(row) for row in spark.range(3).collect()] == [(0,), (1,), (2,)]


def test_an_answer_is_the_schema_the_rows_and_an_end(raw: Any, numbers: proto.Plan) -> None:
    responses = list(raw.execute(numbers))
    assert kinds(responses) == ["schema", "arrow_batch", "result_complete"]
    assert {each.session_id for each in responses} == {raw.session_id}
    assert responses[1].arrow_batch.row_count == 5


def test_no_rows_are_one_empty_batch(raw: Any) -> None:
    plan = proto.Plan(root=proto.Relation(range=proto.Range(start=0, end=0, step=1)))
    (_, batch, _) = raw.execute(plan)
    with pa.ipc.open_stream(batch.arrow_batch.data) as reader:
        assert reader.read_all().schema.names == ["id"]
    assert batch.arrow_batch.row_count == 0


def test_large_results_come_in_messages_of_bounded_size(
    spark: SparkSession, raw_beside: Any
) -> None:
    spark.conf.set("spark.connect.grpc.arrow.maxBatchSize", "64k")
    rows = 30_000
    plan = proto.Plan(root=proto.Relation(range=proto.Range(start=0, end=rows, step=1)))
    batches = [
        each.arrow_batch for each in raw_beside.execute(plan) if each.HasField("arrow_batch")
    ]
    assert max(len(batch.data) for batch in batches) <= 64 << 10
    assert sum(batch.row_count for batch in batches) == rows
    starts = [batch.start_offset for batch in batches]
    assert starts == [sum(b.row_count for b in batches[:i]) for i in range(len(batches))]
    assert spark.range(rows).toPandas()["id"].sum() == sum(range(rows))


def test_a_row_too_large_for_a_message_comes_in_chunks(
    spark: SparkSession, raw_beside: Any
) -> None:
    spark.client._preferred_arrow_chunk_size = 1024
    text = "x" * 10_000
    assert spark.createDataFrame([(text,)], ["t"]).collect()[0].t == text
    plan = spark.createDataFrame([(text,)], ["t"])._plan.to_proto(spark.client)
    option = proto.ExecutePlanRequest.RequestOption(
        result_chunking_options=proto.ResultChunkingOptions(
            allow_arrow_batch_chunking=True, preferred_arrow_chunk_size=1024
        )
    )
    batches = [
        each.arrow_batch
        for each in raw_beside.execute(plan, request_options=[option])
        if each.HasField("arrow_batch")
    ]
    assert [batch.chunk_index for batch in batches] == list(range(len(batches)))
    assert {batch.num_chunks_in_batch for batch in batches} == {len(batches)}
    assert len(batches) > 10


def test_observed_metrics_reach_the_client(spark: SparkSession) -> None:
    seen = Observation("seen")
    frame = spark.range(4).observe(seen, F.count(F.lit(1)).alias("n"), F.max("id").alias("top"))
    frame.collect()
    assert seen.get == {"n": 4, "top": 3}


def test_what_a_write_observes_reaches_the_client(spark: SparkSession, tmp_path: Path) -> None:
    observation = Observation("written")
    observed = spark.range(10).observe(observation, F.count("*").alias("n"))
    observed.write.parquet(str(tmp_path / "out"))
    assert observation.get == {"n": 10}
    again = Observation("saved")
    spark.range(3).observe(again, F.max("id").alias("top")).write.format("noop").mode(
        "overwrite"
    ).save()
    assert again.get == {"top": 2}


def test_an_error_in_a_query_ends_its_stream(spark: SparkSession, raw: Any) -> None:
    with pytest.raises(SparkConnectException, match="UNRESOLVED_COLUMN"):
        spark.range(1).select("nope").collect()
    assert spark.range(1).count() == 1


def test_an_interrupt_stops_everything(spark: SparkSession) -> None:
    query = Failure(endless(spark))
    (operation_id,) = running(spark)
    assert spark.interruptAll() == [operation_id]
    query.join(60)
    assert isinstance(query.error, SparkConnectException)
    assert query.error.getCondition() == "OPERATION_CANCELED"
    assert query.error.getSqlState() == "HY008"
    assert spark.interruptAll() == []
    (status,) = spark.client._get_operation_statuses([operation_id]).operation_statuses
    assert status.state == status.OPERATION_STATE_CANCELLED


def test_an_interrupt_stops_what_has_a_tag_or_an_id(spark: SparkSession) -> None:
    red, blue = Failure(endless(spark), "red"), Failure(endless(spark), "blue")
    ids = running(spark, 2)
    (red_id,) = spark.interruptTag("red")
    red.join(60)
    assert blue.is_alive()
    (blue_id,) = {*ids} - {red_id}
    assert spark.interruptOperation(str(uuid.uuid4())) == []
    assert spark.interruptOperation(blue_id) == [blue_id]
    blue.join(60)
    assert blue.error is not None


def test_an_interrupt_stops_a_statement(spark: SparkSession, tmp_path: Path) -> None:
    target = tmp_path / "rows"

    class Save(Failure):
        def run(self) -> None:
            try:
                self.frame.write.parquet(str(target))
            except Exception as error:
                self.error = error

    save = Save(endless(spark))
    (operation_id,) = running(spark)
    time.sleep(0.2)
    assert spark.interruptAll() == [operation_id]
    save.join(60)
    assert save.error is not None
    assert "OPERATION_CANCELED" in str(save.error)
    wait_for_tasks(60)
    assert not (target / "_SUCCESS").exists()


def test_a_client_that_stops_reading_ends_its_query(
    service: SparkConnectService, spark: SparkSession
) -> None:
    rows = spark.range(10**9).toLocalIterator()
    next(rows)
    session = service.sessions.find("tester", spark.client._session_id)
    assert session is not None
    (operation,) = session.operations
    rows.close()
    assert session.operations == []
    assert operation.state.name == "CANCELLED"


def test_answers_can_be_had_again_until_they_are_released(raw: Any, numbers: proto.Plan) -> None:
    operation_id = str(uuid.uuid4())
    first = list(raw.execute(numbers, reattachable=True, operation_id=operation_id))

    def again(after: str = "") -> list[proto.ExecutePlanResponse]:
        return list(
            raw.ask(
                "ReattachExecute",
                proto.ReattachExecuteRequest,
                operation_id=operation_id,
                last_response_id=after,
            )
        )

    def release(**what: object) -> proto.ReleaseExecuteResponse:
        return raw.ask(
            "ReleaseExecute", proto.ReleaseExecuteRequest, operation_id=operation_id, **what
        )

    assert again() == first
    assert again(first[1].response_id) == first[2:]
    until = proto.ReleaseExecuteRequest.ReleaseUntil(response_id=first[0].response_id)
    assert release(release_until=until).operation_id == operation_id
    with pytest.raises(InProcessError, match=r"INVALID_CURSOR.POSITION_NOT_AVAILABLE"):
        again()
    everything = proto.ReleaseExecuteRequest.ReleaseAll()
    assert release(release_all=everything).operation_id == operation_id
    assert release(release_all=everything).operation_id == ""
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.OPERATION_NOT_FOUND"):
        again()
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.OPERATION_ABANDONED"):
        list(raw.execute(numbers, operation_id=operation_id))


def test_a_release_of_neither_all_nor_some_answers_is_refused(
    raw: Any, numbers: proto.Plan
) -> None:
    operation_id = str(uuid.uuid4())
    first = list(raw.execute(numbers, reattachable=True, operation_id=operation_id))
    with pytest.raises(InProcessError, match="release_all nor release_until"):
        raw.ask("ReleaseExecute", proto.ReleaseExecuteRequest, operation_id=operation_id)
    request = {"operation_id": operation_id}
    assert list(raw.ask("ReattachExecute", proto.ReattachExecuteRequest, **request)) == first


def test_a_request_that_is_repeated_gets_the_same_answers(raw: Any, numbers: proto.Plan) -> None:
    operation_id = str(uuid.uuid4())
    first = list(raw.execute(numbers, reattachable=True, operation_id=operation_id))
    assert list(raw.execute(numbers, reattachable=True, operation_id=operation_id)) == first
    other = proto.Plan(root=proto.Relation(range=proto.Range(end=6, step=1)))
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.OPERATION_ALREADY_EXISTS"):
        list(raw.execute(other, reattachable=True, operation_id=operation_id))


@pytest.mark.parametrize(
    ("fields", "condition"),
    [
        ({"interrupt_type": 2}, "INVALID_PARAMETER_VALUE.INTERRUPT_TYPE_TAG_REQUIRES_TAG"),
        (
            {"interrupt_type": 3, "operation_tag": "x"},
            "INVALID_PARAMETER_VALUE.INTERRUPT_TYPE_OPERATION_ID_REQUIRES_ID",
        ),
        ({}, r"UNSUPPORTED_FEATURE.INTERRUPT_TYPE\] .* INTERRUPT_TYPE_UNSPECIFIED"),
    ],
)
def test_an_interrupt_says_of_what(raw: Any, fields: dict[str, Any], condition: str) -> None:
    with pytest.raises(InProcessError, match=condition):
        raw.ask("Interrupt", proto.InterruptRequest, **fields)


@pytest.mark.parametrize("tag", ["", "a,b"])
def test_tags_are_words(raw: Any, numbers: proto.Plan, tag: str) -> None:
    with pytest.raises(InProcessError, match="Spark Connect tag cannot"):
        list(raw.execute(numbers, tags=[tag]))


def test_an_operation_ends_for_its_client_when_it_is_released(
    raw: Any, numbers: proto.Plan
) -> None:
    operation_id = str(uuid.uuid4())
    list(raw.execute(numbers, reattachable=True, operation_id=operation_id))

    def state() -> str:
        wanted = proto.GetStatusRequest.OperationStatusRequest(operation_ids=[operation_id])
        answer = raw.ask("GetStatus", proto.GetStatusRequest, operation_status=wanted)
        status = answer.operation_statuses[0]
        return str(type(status).OperationState.Name(status.state))

    assert state() == "OPERATION_STATE_TERMINATING"
    everything = proto.ReleaseExecuteRequest.ReleaseAll()
    raw.ask(
        "ReleaseExecute",
        proto.ReleaseExecuteRequest,
        operation_id=operation_id,
        release_all=everything,
    )
    assert state() == "OPERATION_STATE_SUCCEEDED"


def test_operations_have_ids_of_their_own(raw: Any, numbers: proto.Plan) -> None:
    operation_id = str(uuid.uuid4())
    stream = raw.execute(numbers, operation_id=operation_id)
    next(stream)
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.OPERATION_ALREADY_EXISTS"):
        list(raw.execute(numbers, operation_id=operation_id))
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.FORMAT"):
        list(raw.execute(numbers, operation_id="mine"))
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.OPERATION_NOT_FOUND"):
        list(
            raw.ask("ReattachExecute", proto.ReattachExecuteRequest, operation_id=str(uuid.uuid4()))
        )


def test_a_reattaching_client_works_in_process_too(spark: SparkSession) -> None:
    spark.client.enable_reattachable_execute()
    assert spark.range(5).count() == 5


def test_compressed_plans_are_read(raw: Any, numbers: proto.Plan) -> None:
    compressed = proto.Plan.CompressedOperation(
        data=zstandard.compress(numbers.root.SerializeToString()),
        op_type=proto.Plan.CompressedOperation.OP_TYPE_RELATION,
        compression_codec=proto.CompressionCodec.COMPRESSION_CODEC_ZSTD,
    )
    responses = list(raw.execute(proto.Plan(compressed_operation=compressed)))
    assert responses[1].arrow_batch.row_count == 5
    compressed.data = b"no zstd"
    with pytest.raises(InProcessError, match=r"CONNECT_INVALID_PLAN.CANNOT_PARSE"):
        list(raw.execute(proto.Plan(compressed_operation=compressed)))


def test_the_clients_own_compression_is_undone(spark: SparkSession) -> None:
    spark.conf.set("spark.connect.session.planCompression.threshold", 10)
    assert spark.range(3).select(F.col("id").alias("x" * 1000)).count() == 3


def test_a_plan_of_nothing_is_an_error(spark: SparkSession) -> None:
    with pytest.raises(InvalidPlanInput, match="CONNECT_INVALID_PLAN"):
        spark.client.to_table(proto.Plan(), {})


def test_what_pyrite_lacks_is_named(spark: SparkSession) -> None:
    command = proto.Command()
    command.ml_command.get_cache_info.SetInParent()
    with pytest.raises(SparkConnectException, match="MlCommand") as caught:
        spark.client.execute_command(command)
    assert caught.value.getSqlState() == "0A000"


def test_the_service_tells_its_resources(spark: SparkSession) -> None:
    assert spark.client._resources() == {}


def test_progress_is_shown_to_a_client_that_waits(spark: SparkSession) -> None:
    spark.conf.set("spark.connect.progress.reportInterval", "10ms")
    seen = threading.Event()

    def handler(stages, inflight_tasks, operation_id, done) -> None:  # type: ignore[no-untyped-def]
        if stages:
            seen.set()

    spark.registerProgressHandler(handler)
    query = Failure(endless(spark))
    assert seen.wait(60)
    spark.interruptAll()
    query.join(60)


def test_observed_values_have_the_types_of_their_metrics(spark: SparkSession) -> None:
    seen: dict[str, Any] = {}
    schema = "i BIGINT, t ARRAY<STRING>, s STRUCT<x: SMALLINT>, m MAP<STRING, INT>"
    row = spark.createDataFrame([(7, ["a"], (3,), {"k": 1})], schema)
    metrics = [F.first(name).alias(name) for name in ("i", "t", "s", "m")]
    plan = row.observe("seen", *metrics)._plan.to_proto(spark.client)  # type: ignore[union-attr]
    request = spark.client._execute_plan_request_with_metadata()
    request.plan.CopyFrom(plan)
    for response in spark.client._stub.ExecutePlan(request):
        for observed in response.observed_metrics:
            seen = dict(zip(observed.keys, observed.values, strict=True))
    assert seen["i"].long == 7
    assert seen["t"].array.elements[0].string == "a"
    assert seen["s"].struct.elements[0].short == 3
    assert seen["m"].map.values[0].integer == 1
