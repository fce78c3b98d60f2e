"""MapReduceError: what a job's own classes do wrong, said once and clearly."""

from __future__ import annotations

from reprlib import Repr

from pyrite.core.errors import CertainFailure, SparkException

__all__ = ["MapReduceError", "shown"]

_shorten = Repr()
_shorten.maxstring = _shorten.maxother = 120


def shown(value: object) -> str:
    """Return a value as an error shows it: what ``repr`` gives, cut where it is long.

    Example:
        >>> shown("word")
        "'word'"
    """
    return _shorten.repr(value)


class MapReduceError(SparkException, CertainFailure):
    """A job asks for what cannot be, such as a mapper that yields no pair.

    The message names the class and the record, and says what to write instead. A task that met
    it is not tried again.
    """
