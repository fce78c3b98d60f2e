"""What resolved expressions and plans must not be: checks that the handlers call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Attribute,
    Call,
    Expression,
    FrameBound,
    Literal,
    PythonUDF,
    WindowExpression,
)
from pyrite.sql.expressions.function import Function, FunctionKind
from pyrite.sql.expressions.pretty import frame_text, pretty, specification_text
from pyrite.sql.functions.signature import call_text
from pyrite.sql.types import (
    ArrayType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    IntegerType,
    IntegralType,
    MapType,
    NumericType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
    YearMonthIntervalType,
    sql_name,
)

__all__ = [
    "check_aggregate_call",
    "check_grouping_types",
    "check_no_generator",
    "check_over",
    "check_set_columns",
    "check_window",
]


#: Types whose values cannot be told apart, and the error that says so.
_INCOMPARABLE: tuple[tuple[type[DataType], str], ...] = (
    (MapType, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE"),
    (VariantType, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE"),
)


def check_set_columns(columns: Sequence[Attribute]) -> None:
    """Refuse columns that rows cannot be told apart by: maps and variants.

    Raises:
        SparkError: UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE and its like.
    """
    for column in columns:
        for kind, condition in _INCOMPARABLE:
            if _contains(column.data_type, kind):
                raise analysis_error(
                    condition,
                    colName=f"`{column.name}`",
                    dataType=f'"{sql_name(column.data_type)}"',
                )


def check_grouping_types(keys: Sequence[Expression]) -> None:
    """Refuse to group by variants."""
    for key in keys:
        if _contains(key.data_type, VariantType):
            raise analysis_error(
                "GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE",
                sqlExpr=f'"{pretty(key)}"',
                dataType=f'"{sql_name(key.data_type)}"',
            )


def _contains(data_type: DataType, kind: type[DataType]) -> bool:
    match data_type:
        case _ if isinstance(data_type, kind):
            return True
        case ArrayType():
            return _contains(data_type.elementType, kind)
        case MapType():
            return _contains(data_type.keyType, kind) or _contains(data_type.valueType, kind)
        case StructType():
            return any(_contains(field.dataType, kind) for field in data_type.fields)
        case _:
            return False


def check_no_generator(function: Function, arguments: Sequence[Expression]) -> None:
    """Refuse a function that makes rows as an argument of another function."""
    for argument in arguments:
        if isinstance(argument, Call) and argument.function.kind is FunctionKind.GENERATOR:
            raise analysis_error(
                "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS",
                expression=f'"{call_text(function, arguments)}"',
            )


def check_aggregate_call(call: Call) -> None:
    """Refuse window functions and random values inside an aggregate function."""
    if any(argument.find(WindowExpression) is not None for argument in call.arguments):
        raise analysis_error("_LEGACY_ERROR_TEMP_1031")
    if not all(argument.deterministic for argument in call.arguments):
        raise analysis_error(
            "AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION", sqlExpr=f'"{pretty(call)}"'
        )


def check_over(expression: Expression) -> None:
    """Refuse a window function that has no OVER."""
    if isinstance(expression, Call) and expression.function.kind is FunctionKind.WINDOW:
        raise analysis_error(
            "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", funcName=f'"{pretty(expression)}"'
        )


# Windows

#: Aggregates that look at all rows of a partition at once.
_WHOLE_PARTITION = frozenset(("median", "percentile_cont", "percentile_disc", "listagg"))


def check_window(window: WindowExpression) -> None:
    """Check a function, its order and its frame against each other.

    Raises:
        SparkError: What does not fit.
    """
    function = window.function
    if isinstance(function, AggregateExpression):
        if function.distinct:
            raise analysis_error(
                "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED", windowExpr=f'"{pretty(window)}"'
            )
        call = function.call
        whole = isinstance(call, Call) and call.function.name in _WHOLE_PARTITION
        if whole and (window.order or window.frame_rows is not None):
            raise analysis_error(
                "INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC", aggFunc=f'"{pretty(function)}"'
            )
    elif isinstance(function, Call) and function.function.kind is FunctionKind.WINDOW:
        if not window.order:
            raise analysis_error(
                "WINDOW_FUNCTION_FRAME_NOT_ORDERED",
                wf_name=function.function.name,
                wf_expr=pretty(function),
            )
        _check_own_frame(window, function)
    elif not isinstance(function, PythonUDF):
        raise analysis_error("UNSUPPORTED_EXPR_FOR_WINDOW", sqlExpr=f'"{pretty(function)}"')
    _check_frame(window)


#: The bounds of a frame of all rows, which need no order.
_WHOLE = (FrameBound.UNBOUNDED, FrameBound.UNBOUNDED)

#: In which direction functions of one other row look.
_NEIGHBOURS = {"lag": -1, "lead": 1}


def _check_own_frame(window: WindowExpression, function: Call) -> None:
    """Check that a function whose frame is given with it has no other one."""
    name = function.function.name
    if window.frame_rows is None or name == "nth_value":
        return
    if name in _NEIGHBOURS:
        offset = function.arguments[1]
        place = offset.value * _NEIGHBOURS[name] if isinstance(offset, Literal) else None
        places = {_place(window.frame_lower), _place(window.frame_upper)}
        if not window.frame_rows or places != {place}:
            raise analysis_error("_LEGACY_ERROR_TEMP_1035", prettyName=name)
        return
    written, own = frame_text(window), frame_text(replace(window, frame_rows=None))
    if written != own:
        raise analysis_error("_LEGACY_ERROR_TEMP_1036", wf=written, required=own)


def _check_frame(window: WindowExpression) -> None:
    lower, upper = window.frame_lower, window.frame_upper
    if window.frame_rows is None:
        return
    if not window.frame_rows and not window.order and (lower, upper) != _WHOLE:
        raise analysis_error(
            "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER",
            sqlExpr=f'"({specification_text(window)})"',
        )
    distances = [b for b in (lower, upper) if not isinstance(b, FrameBound)]
    if distances and window.frame_rows is False:
        _check_range(window, distances)
    for distance in distances if window.frame_rows else ():
        if not isinstance(distance.data_type, IntegerType):
            raise analysis_error(
                "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
                sqlExpr=f'"{frame_text(window)}"',
                location="lower" if distance is lower else "upper",
                exprType=f'"{sql_name(distance.data_type)}"',
                expectedType='"INT"',
            )
    first, last = _place(lower), _place(upper)
    if first is not None and last is not None and first > last:
        raise analysis_error(
            "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON",
            sqlExpr=f'"{frame_text(window)}"',
            comparison="less than or equal",
        )


def _place(bound: FrameBound | Expression) -> int | None:
    """Return how far from the row a bound is, None if that is not known."""
    if bound is FrameBound.CURRENT_ROW:
        return 0
    if isinstance(bound, Literal) and isinstance(bound.value, int):
        return bound.value
    return None


def _check_range(window: WindowExpression, distances: Sequence[Expression]) -> None:
    """Check the distances of a RANGE frame, which are added to the one key of its order."""
    text = f'"({specification_text(window)})"'
    if len(window.order) > 1:
        raise analysis_error(
            "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER",
            sqlExpr=text,
            orderSpec=",".join(map(pretty, window.order)),
        )
    key = window.order[0].data_type
    if not isinstance(key, (NumericType, DateType, TimestampType, TimestampNTZType)):
        raise analysis_error(
            "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE",
            sqlExpr=f'"{frame_text(window)}"',
            location="lower" if distances[0] is window.frame_lower else "upper",
            exprType=f'"{sql_name(key)}"',
            expectedType=_DISTANCES,
        )
    for distance in distances:
        if not _reaches(key, distance.data_type):
            raise analysis_error(
                "DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE",
                sqlExpr=text,
                orderSpecType=f'"{sql_name(key)}"',
                valueBoundaryType=f'"{sql_name(distance.data_type)}"',
            )


def _reaches(key: DataType, distance: DataType) -> bool:
    """Whether a distance of a type can be added to a sort key."""
    match key:
        case NumericType():
            return isinstance(distance, NumericType)
        case DateType():
            if isinstance(distance, DayTimeIntervalType):
                return distance.endField == DayTimeIntervalType.DAY
            whole = (IntegralType, YearMonthIntervalType, CalendarIntervalType)
            return isinstance(distance, whole)
        case _:
            kinds = (DayTimeIntervalType, YearMonthIntervalType, CalendarIntervalType)
            return isinstance(distance, kinds)


_DISTANCES = '("NUMERIC" or "INTERVAL DAY TO SECOND" or "INTERVAL YEAR TO MONTH" or "INTERVAL")'
