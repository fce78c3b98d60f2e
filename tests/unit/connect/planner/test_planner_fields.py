"""Every alternative of a message has a handler, and every field of it is read or refused."""

import types

import pytest
from pyspark.sql.connect import proto

from pyrite.connect.planner import planner as planner_module
from pyrite.connect.planner.commands import COMMANDS
from pyrite.connect.planner.expressions import EXPRESSIONS
from pyrite.connect.planner.literals import _COMPOSED, _PLAIN
from pyrite.sql.errors import SparkError

TABLES = [
    (proto.Relation, "rel_type", planner_module._RELATIONS),
    (proto.Command, "command_type", COMMANDS),
    (proto.Expression, "expr_type", EXPRESSIONS),
]

#: Alternatives that are refused whole, or that the service answers.
REFUSED = {
    "relation_changes",
    "ml_relation",
    "extension",
    "unknown",
    "apply_in_pandas_with_state",
    "execute_external_command",
    "write_stream_operation_start",
    "streaming_query_command",
    "streaming_query_manager_command",
    "streaming_query_listener_bus_command",
    "ml_command",
    "pipeline_command",
    "get_resources_command",
    "create_resource_profile_command",
    "checkpoint_command",
    "remove_cached_remote_relation_command",
    "typed_aggregate_expression",
    "direct_shuffle_partition_id",
}


def alternatives(message, group):
    return [field.name for field in message.DESCRIPTOR.oneofs_by_name[group].fields]


@pytest.mark.parametrize(("message", "group", "table"), TABLES, ids=lambda v: str(v)[:20])
def test_every_alternative_has_a_handler(message, group, table):
    assert sorted(table) == sorted(alternatives(message, group))


def test_every_literal_has_a_handler():
    names = alternatives(proto.Expression.Literal, "literal_type")
    assert sorted({**_PLAIN, **_COMPOSED}) == sorted(names)


def words(function, seen):
    """Return every attribute and text that a function, or one of Pyrite it calls, mentions."""
    if function in seen:
        return set()
    seen.add(function)
    found = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        found |= set(code.co_names)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                codes.append(constant)
            elif isinstance(constant, (str, tuple)):
                found |= {constant} if isinstance(constant, str) else set(constant)
    for name in list(found):
        value = function.__globals__.get(name)
        if isinstance(value, types.FunctionType) and value.__module__.startswith("pyrite.connect"):
            found |= words(value, seen)
        elif isinstance(value, (tuple, dict)):
            found |= set(value)
    return found


SUPPORTED = [
    (message, kind, handler)
    for message, _, table in TABLES
    for kind, handler in table.items()
    if kind not in REFUSED | {"literal", "catalog"}  # these go through their fields by reflection
]


@pytest.mark.parametrize(
    ("message", "kind", "handler"), SUPPORTED, ids=[kind for _, kind, _ in SUPPORTED]
)
def test_every_field_is_read_or_refused(message, kind, handler):
    fields = message.DESCRIPTOR.fields_by_name[kind].message_type.fields_by_name
    mentioned = words(handler, set())
    assert [name for name in fields if name not in mentioned] == []


@pytest.mark.parametrize(("message", "group", "table"), TABLES, ids=lambda v: str(v)[:20])
def test_nothing_set_is_an_invalid_plan(message, group, table, planner):
    translate = {
        proto.Relation: planner.relation,
        proto.Command: planner.command,
        proto.Expression: planner.expression,
    }[message]
    with pytest.raises(SparkError) as caught:
        translate(message())
    assert caught.value.error_class == "CONNECT_INVALID_PLAN.INVALID_ONE_OF_FIELD_NOT_SET"
    name = {"rel_type": "RELTYPE", "command_type": "COMMANDTYPE", "expr_type": "EXPRTYPE"}[group]
    full_name = message.DESCRIPTOR.full_name
    assert caught.value.parameters == {"fullName": full_name, "name": f"{name}_NOT_SET"}


def test_a_newer_clients_relation_is_refused_by_its_number(planner):
    zip_of_version_4_3 = b"\x82\x03\x00"  # an empty message under the field number 48
    relation = proto.Relation.FromString(zip_of_version_4_3)
    with pytest.raises(SparkError, match=r"field 48 of the message spark\.connect\.Relation"):
        planner.relation(relation)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ml_command", "machine learning: the message MlCommand"),
        ("pipeline_command", "declarative pipelines: the message PipelineCommand"),
        ("streaming_query_command", "streaming: the message StreamingQueryCommand"),
        ("write_stream_operation_start", "streaming: the message WriteStreamOperationStart"),
    ],
)
def test_what_pyrite_does_not_have_is_refused_by_name(planner, kind, text):
    command = proto.Command()
    getattr(command, kind).SetInParent()
    with pytest.raises(SparkError) as caught:
        planner.command(command)
    assert caught.value.error_class == "UNSUPPORTED_FEATURE.PYRITE"
    assert caught.value.parameters == {"what": text}
