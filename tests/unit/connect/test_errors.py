import json

import pytest
from google.rpc import error_details_pb2
from pyspark.errors import (
    AnalysisException,
    ArithmeticException,
    NumberFormatException,
    ParseException,
    QueryContextType,
    SparkRuntimeException,
    UnsupportedOperationException,
)
from pyspark.errors.exceptions.connect import SparkConnectException, convert_exception
from pyspark.sql.connect import proto
from pyspark.sql.connect.session import SparkSession

from pyrite.connect.errors import ErrorLog, error_details, to_status
from pyrite.sql.errors import Origin, analysis_error, parse_error, runtime_error, unsupported


def info_of(error: BaseException, log: ErrorLog | None = None) -> error_details_pb2.ErrorInfo:
    (detail,) = to_status(error, log).details
    info = error_details_pb2.ErrorInfo()
    assert detail.Unpack(info)
    return info


def at_the_client(error: BaseException) -> SparkConnectException:
    """What the client raises for an error."""
    details = proto.FetchErrorDetailsResponse(root_error_idx=0, errors=error_details(error))
    return convert_exception(info_of(error), to_status(error).message, details)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (analysis_error("TABLE_OR_VIEW_NOT_FOUND", relationName="`t`"), AnalysisException),
        (parse_error("PARSE_SYNTAX_ERROR", error="'x'", hint=""), ParseException),
        (runtime_error("DIVIDE_BY_ZERO", config='"c"'), ArithmeticException),
        (
            runtime_error(
                "CAST_INVALID_INPUT", expression="'a'", sourceType='"STRING"', targetType='"INT"'
            ),
            NumberFormatException,
        ),
        (runtime_error("USER_RAISED_EXCEPTION", errorMessage="no"), SparkRuntimeException),
        (unsupported("this"), UnsupportedOperationException),
        (runtime_error("INVALID_HANDLE.FORMAT", handle="x"), SparkConnectException),
        (ValueError("a bug"), SparkConnectException),
    ],
)
def test_errors_are_raised_as_the_classes_users_catch(
    error: Exception, kind: type[Exception]
) -> None:
    assert isinstance(at_the_client(error), kind)


def test_condition_state_and_parameters_arrive() -> None:
    raised = at_the_client(analysis_error("TABLE_OR_VIEW_NOT_FOUND", relationName="`t`"))
    assert raised.getCondition() == "TABLE_OR_VIEW_NOT_FOUND"
    assert raised.getSqlState() == "42P01"
    assert raised.getMessageParameters() == {"relationName": "`t`"}
    assert str(raised).startswith("[TABLE_OR_VIEW_NOT_FOUND] The table or view `t` cannot be")


def test_the_place_in_sql_text_arrives() -> None:
    origin = Origin("SELECT 1/0", 7, 9)
    (context,) = at_the_client(
        runtime_error("DIVIDE_BY_ZERO", origin, config="c")
    ).getQueryContext()
    assert context.contextType() is QueryContextType.SQL
    assert (context.startIndex(), context.stopIndex(), context.fragment()) == (7, 9, "1/0")
    assert "^^^" in context.summary()


def test_the_place_in_a_program_arrives() -> None:
    origin = Origin(call="divide", call_site="app.py:3")
    (context,) = at_the_client(
        runtime_error("DIVIDE_BY_ZERO", origin, config="c")
    ).getQueryContext()
    assert context.contextType() is QueryContextType.DataFrame
    assert (context.fragment(), context.callSite()) == ("divide", "app.py:3")


def test_a_mistake_of_pyrite_is_an_internal_error() -> None:
    raised = at_the_client(KeyError("x"))
    assert raised.getCondition() == "INTERNAL_ERROR"
    assert str(raised) == "[INTERNAL_ERROR] KeyError: 'x' SQLSTATE: XX000"
    assert at_the_client(FileNotFoundError("gone")).getCondition() is None


def test_causes_form_a_chain() -> None:
    error = ValueError("outer")
    error.__cause__ = KeyError("inner")
    outer, inner = error_details(error)
    assert outer.cause_idx == 1
    assert "inner" in inner.message
    assert not inner.HasField("cause_idx")


def test_long_texts_are_cut_in_the_status_and_whole_in_the_details() -> None:
    error = runtime_error("USER_RAISED_EXCEPTION", errorMessage="x" * 10_000)
    assert len(to_status(error).message) == 2048
    assert json.loads(info_of(error).metadata["messageParameters"]) == {}
    raised = at_the_client(error)
    assert len(str(raised)) > 10_000
    assert raised.getMessageParameters() == {"errorMessage": "x" * 10_000}


def test_details_are_kept_for_one_question_and_not_for_ever() -> None:
    log = ErrorLog()
    error = ValueError("x")
    error_id = log.add(error)
    assert log.take(error_id) is error
    assert log.take(error_id) is None
    first = log.add(error)
    for _ in range(100):
        log.add(error)
    assert log.take(first) is None


def test_clients_meet_whole_errors_without_our_own_lines(spark: SparkSession) -> None:
    with pytest.raises(AnalysisException) as caught:
        spark.range(1).select("nope").collect()
    assert caught.value.getCondition() == "UNRESOLVED_COLUMN.WITH_SUGGESTION"
    assert "server.py" not in str(caught.value)
