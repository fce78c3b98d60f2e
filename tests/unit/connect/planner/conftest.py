from dataclasses import replace
from types import SimpleNamespace

import pytest
from pyspark.sql.connect import plan as client_plan
from pyspark.sql.connect import proto
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.session import SparkSession

from pyrite.connect.planner import SparkConnectPlanner
from pyrite.sql.conf import SQLConf
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.plans.unresolved import PlanId


class StubClient:
    """As much of a client as plans need to become messages: no server is asked."""

    def _set_relation_in_plan(self, plan, relation):
        plan.root.CopyFrom(relation)

    def _set_command_in_plan(self, plan, command):
        plan.command.CopyFrom(command)


def without_ids(plan):
    """Take the client's plan ids off, so that plans can be compared."""
    plan = plan.transform_up(lambda node: node.child if isinstance(node, PlanId) else node)
    return plan.transform_up(lambda node: node.map_expressions(_without_id))


def _without_id(expression):
    return expression.transform_up(
        lambda node: replace(node, plan_id=None) if isinstance(node, UnresolvedAttribute) else node
    )


@pytest.fixture
def artifacts():
    return {}


@pytest.fixture
def planner(artifacts):
    return SparkConnectPlanner(SimpleNamespace(conf=SQLConf({})), artifacts.get)


@pytest.fixture
def client():
    return StubClient()


@pytest.fixture
def frame(client):
    """Make a DataFrame of the client over a plan of the client."""
    session = object.__new__(SparkSession)
    session._session_id = "session"
    session._client = client
    return lambda plan: DataFrame(plan, session)


@pytest.fixture
def table(frame):
    """A DataFrame that reads the table ``t``."""
    return frame(client_plan.Read("t"))


@pytest.fixture
def planned(planner, client):
    """Translate a DataFrame, without plan ids."""
    return lambda df: without_ids(planner.relation(df._plan.to_proto(client).root))


@pytest.fixture
def column(planner, client):
    """Translate a column."""
    return lambda c: planner.expression(c._expr.to_plan(client))


@pytest.fixture
def command(planner, client):
    """Translate a command of the client."""
    return lambda plan: planner.command(plan.command(client))


@pytest.fixture
def relation(planner):
    """Translate a message, given its field in ``Relation``."""
    return lambda **field: without_ids(planner.relation(proto.Relation(**field)))
