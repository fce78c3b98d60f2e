"""A service with an engine, and clients of it in this process."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession as LocalSession
from pyspark.sql.connect import proto
from pyspark.sql.connect.proto.base_pb2_grpc import SparkConnectServiceStub
from pyspark.sql.connect.session import SparkSession

from pyrite.connect.application_service import service_of
from pyrite.connect.channel import InProcessChannel, InProcessChannelBuilder
from pyrite.connect.server import SparkConnectService
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkConnectService]:
    conf = SparkConf().set("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
    with SparkContext("local[2]", "connect tests", conf=conf) as sc:
        yield service_of(sc)


@pytest.fixture
def spark(service: SparkConnectService) -> Iterator[SparkSession]:
    session = SparkSession(connection=InProcessChannelBuilder(service), userId="tester")
    session.client.disable_reattachable_execute()
    SparkSession._set_default_and_active_session(session)
    yield session
    session.stop()


@pytest.fixture(scope="module")
def local_spark(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A session as programs make it, with the MASTER and the SETTINGS that a module asks for."""
    builder = LocalSession.builder.master(getattr(request.module, "MASTER", "local[2]"))
    settings = {"spark.ui.enabled": "false", **getattr(request.module, "SETTINGS", {})}
    session = builder.config(map=settings).getOrCreate()
    yield session
    session.stop()


class RawClient:
    """Sends messages of its own making."""

    def __init__(self, stub: SparkConnectServiceStub, session_id: str | None = None) -> None:
        self.stub = stub
        self.session_id = session_id or str(uuid.uuid4())
        self.user = proto.UserContext(user_id="tester")

    def ask(self, rpc: str, request: type, **fields: object):  # type: ignore[no-untyped-def]
        message = request(session_id=self.session_id, user_context=self.user, **fields)
        return getattr(self.stub, rpc)(message)

    def execute(self, plan: proto.Plan, reattachable: bool = False, **fields: object):  # type: ignore[no-untyped-def]
        options = [*fields.pop("request_options", [])]  # type: ignore[misc]
        if reattachable:
            options.append(
                proto.ExecutePlanRequest.RequestOption(
                    reattach_options=proto.ReattachOptions(reattachable=True)
                )
            )
        return self.ask(
            "ExecutePlan", proto.ExecutePlanRequest, plan=plan, request_options=options, **fields
        )


@pytest.fixture
def raw(service: SparkConnectService) -> RawClient:
    return RawClient(SparkConnectServiceStub(InProcessChannel(service)))


@pytest.fixture
def raw_beside(spark: SparkSession) -> RawClient:
    """A raw client in the session of ``spark``."""
    return RawClient(spark.client._stub, spark.client._session_id)


@pytest.fixture
def numbers() -> proto.Plan:
    """Five rows."""
    return proto.Plan(
        root=proto.Relation(range=proto.Range(start=0, end=5, step=1, num_partitions=1))
    )
