"""Signatures: what a function takes and gives, as a line of text.

    substring(str: string | binary, pos: int, len: int = 2147483647) -> string
    array_contains(array: array<T>, value: T) -> boolean
    coalesce(exprs...: T) -> T
    transform(array: array<T>, function: lambda(T, int)) -> array<U>     (U by ``result=``)

A parameter is ``name: pattern``, with ``= literal`` or ``name?`` when it may be left out, and
``name...`` when it repeats (at least once; ``name...?`` for zero times). A pattern is one of

    any  a SQL type such as int, double, string, timestamp, decimal(10,2)
    numeric  integral  fractional  decimal  interval  datetime  orderable  struct
    array<P>  map<P, P>  P | P  lambda(P, ...)  and T, U, V, K: type variables

All places of one type variable get the arguments' common type. Where several types are allowed,
an argument that is none of them is converted to the first that it converts to unasked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from pyrite.sql.errors import SparkError, analysis_error
from pyrite.sql.expressions.expression import Expression, LambdaFunction, Literal
from pyrite.sql.expressions.function import Function
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import NamedArgument
from pyrite.sql.functions.type_coercion import (
    cast_to,
    common_type,
    common_type_of,
    implicit_cast_type,
)
from pyrite.sql.types import (
    BINARY,
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    NULL,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    ArrayType,
    BinaryType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    FractionalType,
    IntegralType,
    MapType,
    NullType,
    NumericType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    TimeType,
    VariantType,
    YearMonthIntervalType,
    sql_name,
)

__all__ = [
    "Parameter",
    "Pattern",
    "Signature",
    "arrange",
    "call_text",
    "coerce",
    "coerce_null",
    "lambda_parameters",
    "mismatch",
    "parse_signature",
    "result_type",
]

Bindings = dict[str, list[DataType]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a parameter accepts.

    Attributes:
        name: The text, for messages and docs.
        exact: The type that others are converted to.
        classes: Type classes it accepts as they are.
        variable: The type variable it stands for.
        inner: The patterns inside array<>, map<> and lambda().
        kind: "atom", "variable", "array", "map", "union", "lambda" or "any".
    """

    name: str
    kind: str
    exact: DataType | None = None
    classes: tuple[type[DataType], ...] = ()
    variable: str = ""
    inner: tuple[Pattern, ...] = ()

    def accepts(self, data_type: DataType) -> bool:
        """Whether a type fits as it is."""
        match self.kind:
            case "any" | "variable" | "lambda":
                return True
            case "union":
                return any(pattern.accepts(data_type) for pattern in self.inner)
            case "array":
                return isinstance(data_type, ArrayType) and self.inner[0].accepts(
                    data_type.elementType
                )
            case "map":
                return (
                    isinstance(data_type, MapType)
                    and self.inner[0].accepts(data_type.keyType)
                    and self.inner[1].accepts(data_type.valueType)
                )
            case _:
                return (
                    isinstance(data_type, self.classes)
                    if self.classes
                    else (
                        type(data_type) is type(self.exact)
                        if not isinstance(self.exact, DecimalType)
                        else data_type == self.exact
                    )
                )

    def convert(self, data_type: DataType, ansi: bool) -> DataType | None:
        """Return what an argument of a type becomes, None if it does not fit."""
        if self.accepts(data_type):
            return data_type
        if self.kind == "union":
            found = [target for p in self.inner if (target := p.convert(data_type, ansi))]
            numbers = [target for target in found if isinstance(target, NumericType)]
            if ansi and isinstance(data_type, NumericType) and len(numbers) > 1:
                # Spark chooses one that holds every value, but not between narrower numbers.
                return next((t for t in numbers if common_type(data_type, t, ansi) == t), None)
            return found[0] if found else None
        if self.kind == "array" and isinstance(data_type, (ArrayType, NullType)):
            element = NULL if isinstance(data_type, NullType) else data_type.elementType
            inner = self.inner[0].convert(element, ansi)
            contains_null = isinstance(data_type, NullType) or data_type.containsNull
            return None if inner is None else ArrayType(inner, contains_null)
        if self.kind == "map" and isinstance(data_type, NullType):
            return MapType(NULL, NULL)
        target = self.exact
        if target is not None and implicit_cast_type(data_type, target, ansi):
            return target
        return None

    def bind(self, data_type: DataType, bindings: Bindings) -> None:
        """Record what the type variables stand for in an accepted type."""
        if self.kind == "variable":
            bindings.setdefault(self.variable, []).append(data_type)
        elif self.kind == "array" and isinstance(data_type, ArrayType):
            self.inner[0].bind(data_type.elementType, bindings)
        elif self.kind == "map" and isinstance(data_type, MapType):
            self.inner[0].bind(data_type.keyType, bindings)
            self.inner[1].bind(data_type.valueType, bindings)
        elif self.kind == "union":
            for pattern in self.inner:
                if pattern.accepts(data_type):
                    pattern.bind(data_type, bindings)
                    return

    def substitute(self, bound: dict[str, DataType], data_type: DataType | None) -> DataType:
        """Return the pattern as a type, with what the variables stand for.

        Args:
            bound: The variables' types.
            data_type: The argument's own type, which decides nullability inside and
                everything that is no variable; None for a result.
        """
        match self.kind:
            case "variable":
                return bound[self.variable]
            case "array":
                own = data_type.elementType if isinstance(data_type, ArrayType) else None
                null = data_type.containsNull if isinstance(data_type, ArrayType) else True
                return ArrayType(self.inner[0].substitute(bound, own), null)
            case "map":
                key = data_type.keyType if isinstance(data_type, MapType) else None
                value = data_type.valueType if isinstance(data_type, MapType) else None
                null = data_type.valueContainsNull if isinstance(data_type, MapType) else True
                return MapType(
                    self.inner[0].substitute(bound, key),
                    self.inner[1].substitute(bound, value),
                    null,
                )
            case "union" if data_type is not None:
                for pattern in self.inner:
                    if pattern.accepts(data_type):
                        return pattern.substitute(bound, data_type)
                return data_type
            case _ if data_type is not None:
                return data_type
            case _:
                assert self.exact is not None, f"{self.name} is no result type"
                return self.exact


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Attributes:
        default: The value when it is left out, None for none.
        optional: Whether it may be left out.
        repeats: Whether it takes all the arguments that are left.
    """

    name: str
    pattern: Pattern
    default: Literal | None = None
    optional: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """A parsed signature."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Pattern | None

    @property
    def min_arguments(self) -> int:
        """How many arguments there must be."""
        return sum(1 for p in self.parameters if not p.optional)

    @property
    def max_arguments(self) -> int | None:
        """How many there may be; None for any number."""
        if self.parameters and self.parameters[-1].repeats:
            return None
        return len(self.parameters)

    def patterns(self, count: int) -> list[Pattern]:
        """Return the pattern of each of ``count`` arguments."""
        patterns = [p.pattern for p in self.parameters[:count]]
        if count > len(patterns):
            patterns += [self.parameters[-1].pattern] * (count - len(patterns))
        return patterns


_INTERVALS: tuple[type[DataType], ...] = (
    DayTimeIntervalType,
    YearMonthIntervalType,
    CalendarIntervalType,
)
_DATETIMES: tuple[type[DataType], ...] = (DateType, TimestampType, TimestampNTZType, TimeType)

_ATOMS: dict[str, Pattern] = {
    "any": Pattern("any", "any"),
    "orderable": Pattern("orderable", "any"),
    "numeric": Pattern("NUMERIC", "atom", DOUBLE, (NumericType,)),
    "integral": Pattern("INTEGRAL", "atom", LONG, (IntegralType,)),
    "fractional": Pattern("FRACTIONAL", "atom", DOUBLE, (FractionalType,)),
    "decimal": Pattern("DECIMAL", "atom", DecimalType(38, 18), (DecimalType,)),
    "interval": Pattern("INTERVAL", "atom", None, _INTERVALS),
    "dt_interval": Pattern(
        "INTERVAL DAY TO SECOND", "atom", DayTimeIntervalType(), (DayTimeIntervalType,)
    ),
    "ym_interval": Pattern(
        "INTERVAL YEAR TO MONTH", "atom", YearMonthIntervalType(), (YearMonthIntervalType,)
    ),
    "calendar_interval": Pattern("INTERVAL", "atom", None, (CalendarIntervalType,)),
    "datetime": Pattern("DATETIME", "atom", None, _DATETIMES),
    "struct": Pattern("STRUCT", "atom", None, (StructType,)),
    "variant": Pattern("VARIANT", "atom", VariantType(), (VariantType,)),
    "string": Pattern("STRING", "atom", STRING, (StringType,)),
    "binary": Pattern("BINARY", "atom", BINARY, (BinaryType,)),
    **{
        name: Pattern(sql_name(data_type), "atom", data_type)
        for name, data_type in {
            "void": NULL,
            "boolean": BOOLEAN,
            "tinyint": BYTE,
            "smallint": SHORT,
            "int": INTEGER,
            "bigint": LONG,
            "float": FLOAT,
            "double": DOUBLE,
            "date": DATE,
            "time": TimeType(),
            "timestamp": TIMESTAMP,
            "timestamp_ntz": TIMESTAMP_NTZ,
        }.items()
    },
}

_TOKEN = re.compile(
    r"\s*(decimal\(\d+,\s*\d+\)|[A-Za-z_]\w*|\.\.\.|->|[()<>|,:=?]|'[^']*'|-?[\d.]+|[^\s\w(]+)"
)


class _Reader:
    """Reads a signature's tokens from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        # The name is all before the parenthesis: operators have names like >=.
        self.name, parenthesis, rest = text.partition("(")
        self.tokens = _TOKEN.findall(parenthesis + rest)
        self.position = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise ValueError(f"bad signature {self.text!r}: {expected or 'more'} after {token!r}")
        self.position += 1
        return token

    def skip(self, token: str) -> bool:
        if self.peek() == token:
            self.position += 1
            return True
        return False

    def pattern(self) -> Pattern:
        choices = [self.one_pattern()]
        while self.skip("|"):
            choices.append(self.one_pattern())
        if len(choices) == 1:
            return choices[0]
        name = " or ".join(f'"{p.name}"' for p in choices).strip('"')
        return Pattern(name, "union", None, (), "", tuple(choices))

    def one_pattern(self) -> Pattern:
        token = self.take()
        if token in ("array", "map", "lambda"):
            inner = self.inner(">" if self.take() == "<" else ")")
            name = _container_name(token, inner)
            return Pattern(name, token, None, (), "", tuple(inner))
        if token.startswith("decimal("):
            precision, scale = re.findall(r"\d+", token)
            decimal = DecimalType(int(precision), int(scale))
            return Pattern(sql_name(decimal), "atom", decimal)
        if len(token) == 1 and token.isupper():
            return Pattern(token, "variable", None, (), token)
        return _ATOMS[token]

    def inner(self, close: str) -> list[Pattern]:
        patterns = []
        while not self.skip(close):
            patterns.append(self.pattern())
            self.skip(",")
        return patterns

    def parameter(self) -> Parameter:
        name = self.take()
        repeats = self.skip("...")
        optional = self.skip("?")
        self.take(":")
        pattern = self.pattern()
        default = None
        if self.skip("="):
            default = _default(self.take())
        return Parameter(name, pattern, default, optional or default is not None, repeats)

    def signature(self) -> Signature:
        self.take("(")
        parameters = []
        while not self.skip(")"):
            parameters.append(self.parameter())
            self.skip(",")
        result = None
        if self.skip("->"):
            result = self.pattern()
        return Signature(self.name, tuple(parameters), result)


def _container_name(token: str, inner: list[Pattern]) -> str:
    """Return what messages call an array or a map; of any elements, just that."""
    if all(p.kind in ("any", "variable") for p in inner):
        return token.upper()
    if token == "array" and inner[0].kind == "array":
        return '"ARRAY" of "ARRAY"'
    return f"{token.upper()}<{', '.join(p.name for p in inner)}>"


def _default(token: str) -> Literal:
    if token.startswith("'"):
        return Literal(token[1:-1], STRING)
    if token in ("true", "false"):
        return Literal(token == "true", BOOLEAN)
    if token == "null":
        return Literal(None, NULL)
    if re.fullmatch(r"\d+\.\d{6}", token):  # six digits: a number of seconds
        return Literal(Decimal(token), DecimalType(18, 6))
    if "." in token:
        return Literal(float(token), DOUBLE)
    return Literal(int(token), INTEGER)


@cache
def parse_signature(text: str) -> Signature:
    """Parse the text of a signature.

    Example:
        >>> [p.name for p in parse_signature("left(str: string, len: int) -> string").parameters]
        ['str', 'len']
    """
    return _Reader(text).signature()


def arrange(function: Function, arguments: Sequence[Expression]) -> tuple[Expression, ...]:
    """Put named arguments in their places and fill in defaults.

    Raises:
        SparkError: WRONG_NUM_ARGS, or an error of a named argument.
    """
    signature = parse_signature(function.signature)
    if len(arguments) == len(signature.parameters) >= signature.min_arguments and not any(
        isinstance(argument, NamedArgument) for argument in arguments
    ):
        return tuple(arguments)
    placed: list[Expression | None] = []
    by_name = {p.name: index for index, p in enumerate(signature.parameters)}
    for argument in arguments:
        if not isinstance(argument, NamedArgument):
            placed.append(argument)
            continue
        index = by_name.get(argument.key)
        if index is None:
            raise analysis_error(
                "UNRECOGNIZED_PARAMETER_NAME",
                routineName=f"`{function.name}`",
                argumentName=f"`{argument.key}`",
                proposal=" ".join(f"`{name}`" for name in by_name),
            )
        placed += [None] * (index + 1 - len(placed))
        if placed[index] is not None:
            raise analysis_error(
                "DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.BOTH_POSITIONAL_AND_NAMED",
                routineName=f"`{function.name}`",
                parameterName=f"`{argument.key}`",
            )
        placed[index] = argument.value
    most = signature.max_arguments
    if len(placed) < signature.min_arguments or (most is not None and len(placed) > most):
        raise _wrong_number(function, signature, len(placed))
    for parameter in signature.parameters[len(placed) :]:
        if parameter.default is None:
            break
        placed.append(parameter.default)
    complete = []
    for parameter, value in zip(signature.parameters, placed, strict=False):
        given = value if value is not None else parameter.default
        if given is None:
            raise _wrong_number(function, signature, len(arguments))
        complete.append(given)
    complete += [value for value in placed[len(complete) :] if value is not None]
    return tuple(complete)


def _wrong_number(function: Function, signature: Signature, actual: int) -> SparkError:
    least, most = signature.min_arguments, signature.max_arguments
    if most is None:
        expected = f"> {least - 1}"
    elif least == most:
        expected = str(least)
    else:
        expected = "[" + ", ".join(str(n) for n in range(least, most + 1)) + "]"
    return analysis_error(
        "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
        functionName=f"`{function.name}`",
        expectedNum=expected,
        actualNum=str(actual),
        docroot="https://spark.apache.org/docs/latest",
    )


_ORDINALS = ("first", "second", "third")


def coerce(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Check arguments against the function's signature and insert the casts it needs.

    Raises:
        SparkError: WRONG_NUM_ARGS or DATATYPE_MISMATCH, naming the argument.
    """
    signature = parse_signature(function.signature)
    arguments = arrange(function, arguments)
    patterns = signature.patterns(len(arguments))
    targets: list[DataType] = []
    bindings: Bindings = {}
    for index, (argument, pattern) in enumerate(zip(arguments, patterns, strict=True)):
        if isinstance(argument, LambdaFunction):
            targets.append(argument.data_type)
            continue
        target = pattern.convert(argument.data_type, ansi)
        if target is None:
            raise mismatch(function, arguments, index, pattern.name)
        targets.append(target)
        pattern.bind(target, bindings)
    bound = _common_bindings(function, arguments, bindings, ansi)
    return tuple(
        argument
        if isinstance(argument, LambdaFunction)
        else cast_to(argument, pattern.substitute(bound, target) if bound else target, ansi)
        for argument, pattern, target in zip(arguments, patterns, targets, strict=True)
    )


def coerce_null(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """As ``coerce``, for functions that convert no argument but null.

    Raises:
        SparkError: WRONG_NUM_ARGS or DATATYPE_MISMATCH, naming the argument.
    """
    arranged = arrange(function, arguments)
    patterns = parse_signature(function.signature).patterns(len(arranged))
    for index, (argument, pattern) in enumerate(zip(arranged, patterns, strict=True)):
        if not isinstance(argument.data_type, NullType) and not pattern.accepts(argument.data_type):
            raise mismatch(function, arranged, index, pattern.name)
    return coerce(function, arranged, ansi)


def _common_bindings(
    function: Function, arguments: Sequence[Expression], bindings: Bindings, ansi: bool
) -> dict[str, DataType]:
    bound = {}
    for variable, types in bindings.items():
        common = common_type_of(types, ansi)
        if common is None:
            raise analysis_error(
                "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
                sqlExpr=f'"{call_text(function, arguments)}"',
                functionName=f"`{function.name}`",
                dataType="(" + " or ".join(f'"{sql_name(t)}"' for t in types) + ")",
            )
        bound[variable] = common
    return bound


def mismatch(
    function: Function, arguments: Sequence[Expression], index: int, required: str
) -> SparkError:
    """Make the error of an argument of the wrong type."""
    return analysis_error(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        sqlExpr=f'"{call_text(function, arguments)}"',
        paramIndex=_ORDINALS[index] if index < len(_ORDINALS) else f"{index + 1}th",
        requiredType=required if required.startswith("(") else _quoted_alternatives(required),
        inputSql=f'"{pretty(arguments[index])}"',
        inputType=f'"{sql_name(arguments[index].data_type)}"',
    )


def _quoted_alternatives(required: str) -> str:
    if '" of "' in required:
        return required
    return f'("{required}")' if " or " in required else f'"{required}"'


def call_text(function: Function, arguments: Sequence[Expression]) -> str:
    """Return a call as Spark's messages show it."""
    texts = [pretty(argument) for argument in arguments]
    if function.pretty is not None:
        return function.pretty(texts)
    return f"{function.name}({', '.join(texts)})"


def result_type(function: Function, arguments: Sequence[Expression]) -> DataType:
    """Return the type the signature's result pattern stands for with coerced arguments."""
    signature = parse_signature(function.signature)
    if signature.result is None:
        raise ValueError(f"the signature of {function.name} has no result")
    bindings: Bindings = {}
    for argument, pattern in zip(arguments, signature.patterns(len(arguments)), strict=True):
        if not isinstance(argument, LambdaFunction):
            pattern.bind(argument.data_type, bindings)
    bound = {}
    for variable, types in bindings.items():
        common = common_type_of(types, ansi=True)
        bound[variable] = common if common is not None else types[0]
    return signature.result.substitute(bound, None)


def lambda_parameters(
    function: Function, arguments: Sequence[Expression], pattern: Pattern
) -> list[tuple[DataType, bool]]:
    """Return the type and nullability of each parameter of a lambda argument.

    Args:
        function: The higher-order function.
        arguments: Its arguments so far; lambdas that are not resolved yet tell nothing.
        pattern: The lambda's pattern.
    """
    signature = parse_signature(function.signature)
    bindings: Bindings = {}
    nulls: dict[str, bool] = {}
    for argument, own in zip(arguments, signature.patterns(len(arguments)), strict=True):
        if own.kind == "lambda":
            continue
        own.bind(argument.data_type, bindings)
        for variable, nullable in _variable_nulls(own, argument.data_type, argument.nullable):
            nulls[variable] = nulls.get(variable, False) or nullable
    bound = {
        variable: common_type_of(types, ansi=True) or types[0]
        for variable, types in bindings.items()
    }
    for inner in pattern.inner:
        if inner.variable and inner.variable not in bound:
            raise _unbound(function, arguments, inner.variable)
    return [
        (inner.substitute(bound, None), nulls.get(inner.variable, False)) for inner in pattern.inner
    ]


def _unbound(function: Function, arguments: Sequence[Expression], variable: str) -> SparkError:
    """Make the error of an argument that is no array or map, so that a lambda has no type."""
    patterns = parse_signature(function.signature).patterns(len(arguments))
    index = next(i for i, p in enumerate(patterns) if any(v.variable == variable for v in p.inner))
    return mismatch(function, arguments[: index + 1], index, patterns[index].name)


def _variable_nulls(
    pattern: Pattern, data_type: DataType, nullable: bool
) -> Iterator[tuple[str, bool]]:
    """Yield each type variable of a pattern with whether its values may be null."""
    if pattern.kind == "variable":
        yield pattern.variable, nullable
    elif pattern.kind == "array" and isinstance(data_type, ArrayType):
        yield from _variable_nulls(pattern.inner[0], data_type.elementType, data_type.containsNull)
    elif pattern.kind == "map" and isinstance(data_type, MapType):
        yield from _variable_nulls(pattern.inner[0], data_type.keyType, False)
        yield from _variable_nulls(
            pattern.inner[1], data_type.valueType, data_type.valueContainsNull
        )
