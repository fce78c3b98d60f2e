"""Options of functions: ``map('key', 'value', ...)`` as the last argument."""

from __future__ import annotations

from collections.abc import Mapping

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.types import MapType, NullType, StringType, sql_name

__all__ = ["Options", "read_options"]


class Options:
    """Options by name, whatever the case of their letters.

    Args:
        values: What was given.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {key.lower(): value for key, value in values.items()}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._values)

    def names(self) -> set[str]:
        """Return the names, in lower case."""
        return set(self._values)

    def text(self, name: str, default: str = "") -> str:
        """Return an option's text."""
        return self._values.get(name.lower(), default)

    def flag(self, name: str, default: bool = False) -> bool:
        """Return whether an option is "true"."""
        return self.text(name, str(default)).lower() == "true"


def read_options(argument: Expression | None) -> Options:
    """Read the options that a call was given.

    Args:
        argument: A constant map of strings; None for no options.

    Raises:
        SparkError: INVALID_OPTIONS, if it is anything else.
    """
    if argument is None:
        return Options({})
    data_type = argument.data_type
    if isinstance(argument, Literal) and isinstance(data_type, (MapType, NullType)):
        return Options(dict(argument.value or ()))
    if not isinstance(argument, Call) or argument.function.name != "map":
        raise analysis_error("INVALID_OPTIONS.NON_MAP_FUNCTION")
    texts = [constant_text(part) for part in argument.arguments]
    if not isinstance(data_type, MapType) or not (
        isinstance(data_type.keyType, StringType) and isinstance(data_type.valueType, StringType)
    ):
        if not texts:
            return Options({})
        raise analysis_error("INVALID_OPTIONS.NON_STRING_TYPE", mapType=f'"{sql_name(data_type)}"')
    pairs = zip(texts[::2], texts[1::2], strict=True)
    return Options({key: value for key, value in pairs if key is not None and value is not None})
