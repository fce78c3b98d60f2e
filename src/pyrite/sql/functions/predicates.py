"""Predicates: comparison, and or not, in, like, null tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyrite.sql.errors import analysis_error, runtime_error
from pyrite.sql.expressions.char_types import as_it_is
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import operator, scalar
from pyrite.sql.functions.nested_order import order_keys
from pyrite.sql.functions.signature import arrange, call_text, mismatch
from pyrite.sql.functions.type_coercion import (
    cast_to,
    common_type,
    common_type_of,
    same_structure,
)
from pyrite.sql.types import (
    BOOLEAN,
    ArrayType,
    BooleanType,
    CalendarIntervalType,
    DataType,
    DayTimeIntervalType,
    MapType,
    NullType,
    NumericType,
    StringType,
    StructType,
    VariantType,
    YearMonthIntervalType,
    sql_name,
)

__all__ = ["FUNCTIONS"]


def _is_orderable(data_type: DataType) -> bool:
    match data_type:
        case MapType() | VariantType() | CalendarIntervalType():
            return False
        case ArrayType():
            return _is_orderable(data_type.elementType)
        case StructType():
            return all(_is_orderable(field.dataType) for field in data_type.fields)
        case _:
            return True


def _coerce_comparison(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Bring both sides to their common type."""
    left, right = arrange(function, arguments)
    a, b = left.data_type, right.data_type
    target = _compared_type(a, b, ansi)
    if target is None:
        raise analysis_error(
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
            sqlExpr=f'"{call_text(function, (left, right))}"',
            left=f'"{sql_name(a)}"',
            right=f'"{sql_name(b)}"',
        )
    if not _is_orderable(target):
        raise analysis_error(
            "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
            sqlExpr=f'"{call_text(function, (left, right))}"',
            functionName=f"`{function.name}`",
            dataType=f'"{sql_name(target)}"',
        )
    return cast_to(left, target, ansi), cast_to(right, target, ansi)


def _compared_type(a: DataType, b: DataType, ansi: bool) -> DataType | None:
    """Return the type two sides are compared as; without ANSI mode text becomes the other's."""
    if not ansi:
        if isinstance(a, BooleanType) and isinstance(b, NumericType):
            return b
        if isinstance(b, BooleanType) and isinstance(a, NumericType):
            return a
        for text, other in ((a, b), (b, a)):
            if isinstance(text, StringType) and not isinstance(other, (StringType, NullType)):
                return _legacy_text_comparison(other)
    elif isinstance(a, StringType) or isinstance(b, StringType):
        other = b if isinstance(a, StringType) else a
        if isinstance(other, (DayTimeIntervalType, YearMonthIntervalType)):
            return None
    common = common_type(a, b, ansi)
    if common is None and same_structure(a, b):
        return a  # names of fields do not count
    return common


def _legacy_text_comparison(other: DataType) -> DataType | None:
    nested = (ArrayType, MapType, StructType, VariantType)
    return None if isinstance(other, nested) else other


_EQUALITIES = frozenset(("=", "<>", "!="))


def _in_order(symbol: str) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        left, right = order_keys(arguments, [a.data_type for a in call.arguments])
        return f"({left} {symbol} {right})"

    return lower


def _comparison(symbol: str, description: str) -> tuple[Function, ...]:
    aliases = {"=": ("==",)}.get(symbol, ())
    return operator(
        f"{symbol}(left: any, right: any) -> boolean",
        symbol,
        f"({{left}} {symbol} {{right}})" if symbol in _EQUALITIES else _in_order(symbol),
        description,
        coerce=_coerce_comparison,
        aliases=aliases,
    )


def _coerce_in(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    arguments = arrange(function, arguments)
    target = common_type_of([a.data_type for a in arguments], ansi)
    if target is None:
        first = arguments[0].data_type
        if all(same_structure(first, a.data_type) for a in arguments):
            target = first  # names of fields do not count
    if target is None:
        types = ", ".join(f'"{sql_name(a.data_type)}"' for a in arguments)
        raise analysis_error(
            "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
            sqlExpr=f'"{call_text(function, arguments)}"',
            functionName="`in`",
            dataType=f"[{types}]",
        )
    return tuple(cast_to(argument, target, ansi) for argument in arguments)


def _between(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
    if len(arguments) != 3:
        return None
    value, lower, upper = arguments
    value = as_it_is(value)
    not_less = UnresolvedFunction((">=",), (value, lower))
    return UnresolvedFunction(("and",), (not_less, UnresolvedFunction(("<=",), (value, upper))))


def _in(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    value, *items = arguments
    return f"({value} IN ({', '.join(items)}))"


def _check_escapes(call: Call, pattern: str, escape: str) -> None:
    """Refuse an escape character that escapes nothing.

    Raises:
        SparkError: INVALID_FORMAT.ESC_IN_THE_MIDDLE or INVALID_FORMAT.ESC_AT_THE_END.
    """
    position = 0
    while position < len(pattern):
        if pattern[position] == escape:
            shown = "'" + pattern.replace("\\", "\\\\") + "'"
            if position + 1 == len(pattern):
                raise runtime_error("INVALID_FORMAT.ESC_AT_THE_END", call.origin, format=shown)
            if pattern[position + 1] not in ("_", "%", escape):
                raise runtime_error(
                    "INVALID_FORMAT.ESC_IN_THE_MIDDLE",
                    call.origin,
                    format=shown,
                    char=f"'{pattern[position + 1]}'",
                )
            position += 1
        position += 1


def _like(word: str) -> Callable[[Call, Sequence[str], LoweringContext], str]:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        text, pattern = arguments[:2]
        escape = constant_text(call.arguments[2]) or "\\"
        constant = constant_text(call.arguments[1])
        if constant is None:
            return f"({text} {word} {pattern} ESCAPE '{escape}')"
        _check_escapes(call, constant, escape)
        # Without an escape in it, DuckDB turns simple patterns into prefix and suffix tests.
        if escape not in constant:
            return f"({text} {word} {pattern})"
        return f"({text} {word} {pattern} ESCAPE '{escape}')"

    return lower


def _like_text(word: str) -> Callable[[Sequence[str]], str]:
    def pretty(texts: Sequence[str]) -> str:
        escape = f" ESCAPE '{texts[2]}'" if len(texts) > 2 and texts[2] != "\\" else ""
        return f"{texts[0]} {word} {texts[1]}{escape}"

    return pretty


def _coerce_logic(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Make booleans of both sides, of strings too in ANSI mode."""
    left, right = arrange(function, arguments)
    fits = (BooleanType, NullType, *((StringType,) if ansi else ()))
    a, b = left.data_type, right.data_type
    if not isinstance(a, fits) or not isinstance(b, fits):
        if type(a) is type(b):
            raise mismatch(function, (left, right), 0, "BOOLEAN")
        raise analysis_error(
            "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
            sqlExpr=f'"{call_text(function, (left, right))}"',
            left=f'"{sql_name(a)}"',
            right=f'"{sql_name(b)}"',
        )
    return cast_to(left, BOOLEAN, ansi), cast_to(right, BOOLEAN, ansi)


FUNCTIONS = (
    _comparison("=", "Whether both are equal; null if one is null."),
    _comparison("<", "Whether the left is less."),
    _comparison("<=", "Whether the left is not greater."),
    _comparison(">", "Whether the left is greater."),
    _comparison(">=", "Whether the left is not less."),
    scalar(
        "!=(left: any, right: any) -> boolean",
        "({left} <> {right})",
        "Whether both differ; null if one is null.",
        coerce=_coerce_comparison,
        pretty=lambda texts: f"(NOT ({texts[0]} = {texts[1]}))",
        aliases=("<>",),
    ),
    operator(
        "<=>(left: any, right: any) -> boolean",
        "<=>",
        "({left} IS NOT DISTINCT FROM {right})",
        "Whether both are equal, or both null.",
        coerce=_coerce_comparison,
        nullable=False,
    ),
    scalar(
        "equal_null(left: any, right: any) -> boolean",
        "({left} IS NOT DISTINCT FROM {right})",
        "Whether both are equal, or both null.",
        coerce=_coerce_comparison,
        nullable=False,
    ),
    operator(
        "and(left: boolean, right: boolean) -> boolean",
        "AND",
        "({left} AND {right})",
        "And.",
        coerce=_coerce_logic,
    ),
    operator(
        "or(left: boolean, right: boolean) -> boolean",
        "OR",
        "({left} OR {right})",
        "Or.",
        coerce=_coerce_logic,
    ),
    scalar(
        "not(expr: boolean) -> boolean",
        "(NOT {expr})",
        "Not.",
        pretty=lambda texts: f"(NOT {texts[0]})",
        aliases=("!",),
    ),
    scalar(
        "between(expr: any, lower: any, upper: any) -> boolean",
        "({expr} BETWEEN {lower} AND {upper})",
        "Whether the value is neither less than one nor greater than the other.",
        rewrite=_between,
    ),
    scalar(
        "in(expr: any, exprs...: any) -> boolean",
        _in,
        "Whether the value equals one of the others.",
        coerce=_coerce_in,
        pretty=lambda texts: f"({texts[0]} IN ({', '.join(texts[1:])}))",
    ),
    scalar(
        "like(str: string, pattern: string, escape: string = '\\') -> boolean",
        _like("LIKE"),
        "Whether the whole text matches a pattern of % and _.",
        pretty=_like_text("LIKE"),
    ),
    scalar(
        "ilike(str: string, pattern: string, escape: string = '\\') -> boolean",
        _like("ILIKE"),
        "Whether the whole text matches a pattern of % and _, whatever the case.",
        pretty=lambda texts: f"ilike({texts[0]}, {texts[1]})",
    ),
    scalar(
        "isnull(expr: any) -> boolean",
        "({expr} IS NULL)",
        "Whether the value is null.",
        nullable=False,
        pretty=lambda texts: f"({texts[0]} IS NULL)",
    ),
    scalar(
        "isnotnull(expr: any) -> boolean",
        "({expr} IS NOT NULL)",
        "Whether the value is not null.",
        nullable=False,
        pretty=lambda texts: f"({texts[0]} IS NOT NULL)",
    ),
    scalar(
        "isnan(expr: double|float) -> boolean",
        "coalesce(isnan({expr}), FALSE)",
        "Whether the value is NaN; false for null.",
        nullable=False,
    ),
)
