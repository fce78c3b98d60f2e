import uuid
from typing import Any

import pytest
from pyspark.sql.connect import proto
from pyspark.sql.connect.session import SparkSession

from pyrite.connect.channel import InProcessError
from pyrite.connect.server import SparkConnectService

ALL = proto.ConfigRequest.Operation(get_all=proto.ConfigRequest.GetAll())


def test_temporary_views_belong_to_a_session(
    service: SparkConnectService, spark: SparkSession, raw: Any
) -> None:
    spark.range(3).createOrReplaceTempView("mine")
    assert spark.table("mine").count() == 3
    read = proto.Read(named_table=proto.Read.NamedTable(unparsed_identifier="mine"))
    with pytest.raises(InProcessError, match="TABLE_OR_VIEW_NOT_FOUND"):
        list(raw.execute(proto.Plan(root=proto.Relation(read=read))))


def test_a_clone_has_the_views_and_goes_its_own_way(spark: SparkSession) -> None:
    spark.range(3).createOrReplaceTempView("shared")
    other = spark.cloneSession()
    assert other.table("shared").count() == 3
    other.range(1).createOrReplaceTempView("shared")
    assert spark.table("shared").count() == 3
    other.client.release_session()


def test_session_ids_are_uuids(raw: Any) -> None:
    raw.session_id = "mine"
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.FORMAT"):
        raw.ask("Config", proto.ConfigRequest, operation=ALL)


def test_a_closed_session_stays_closed(raw: Any) -> None:
    first = raw.ask("Config", proto.ConfigRequest, operation=ALL)
    released = raw.ask("ReleaseSession", proto.ReleaseSessionRequest)
    assert released.server_side_session_id == first.server_side_session_id
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.SESSION_CLOSED"):
        raw.ask("Config", proto.ConfigRequest, operation=ALL)
    assert raw.ask("ReleaseSession", proto.ReleaseSessionRequest).server_side_session_id == ""


def test_a_session_closed_with_leave_to_come_back_begins_anew(raw: Any) -> None:
    first = raw.ask("Config", proto.ConfigRequest, operation=ALL)
    raw.ask("ReleaseSession", proto.ReleaseSessionRequest, allow_reconnect=True)
    second = raw.ask("Config", proto.ConfigRequest, operation=ALL)
    assert second.server_side_session_id != first.server_side_session_id


def test_a_client_of_another_server_is_told(raw: Any) -> None:
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.SESSION_CHANGED"):
        raw.ask(
            "Config",
            proto.ConfigRequest,
            operation=ALL,
            client_observed_server_side_session_id=str(uuid.uuid4()),
        )


def test_only_a_known_session_can_be_reattached_to(raw: Any) -> None:
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.SESSION_NOT_FOUND"):
        list(raw.ask("ReattachExecute", proto.ReattachExecuteRequest, operation_id="x"))


@pytest.mark.parametrize(
    ("new_id", "reason"), [("mine", "TARGET_SESSION_ID_FORMAT"), (None, "ALREADY_EXISTS")]
)
def test_a_clone_needs_a_new_id(raw: Any, new_id: str | None, reason: str) -> None:
    raw.ask("Config", proto.ConfigRequest, operation=ALL)
    with pytest.raises(InProcessError, match=reason):
        raw.ask("CloneSession", proto.CloneSessionRequest, new_session_id=new_id or raw.session_id)


def test_what_clients_leave_behind_is_swept_away(
    service: SparkConnectService, raw: Any, numbers: proto.Plan
) -> None:
    operation_id = str(uuid.uuid4())
    list(raw.execute(numbers, reattachable=True, operation_id=operation_id))
    session = service.sessions.find("tester", raw.session_id)
    assert session is not None
    service.sessions.sweep(session_seconds=60, detached_seconds=60)
    assert len(session.operations) == 1
    service.sessions.sweep(session_seconds=60, detached_seconds=-1)
    assert session.operations == []
    with pytest.raises(InProcessError, match=r"INVALID_HANDLE.OPERATION_ABANDONED"):
        list(raw.ask("ReattachExecute", proto.ReattachExecuteRequest, operation_id=operation_id))
    service.sessions.sweep(session_seconds=-1, detached_seconds=-1)
    assert service.sessions.find("tester", raw.session_id) is None


def test_unknown_operations_have_an_unknown_state(spark: SparkSession) -> None:
    (status,) = spark.client._get_operation_statuses([str(uuid.uuid4())]).operation_statuses
    assert status.state == status.OPERATION_STATE_UNKNOWN
