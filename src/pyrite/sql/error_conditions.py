"""The error conditions Pyrite raises: Spark's names, SQLSTATEs and message forms.

``error_conditions.tsv`` beside this module holds one line each: name, SQLSTATE, message with
``<parameter>`` places. Programs match on names and parameters, so both are Spark's; a condition
is listed there when something raises it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CONDITIONS", "Condition"]

_PLACE = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Condition:
    """One error condition.

    Attributes:
        sql_state: Five characters of the SQL standard.
        message: Text with a ``<name>`` for each parameter.
    """

    sql_state: str
    message: str

    def fill(self, parameters: dict[str, str]) -> str:
        """Put the parameters into the message.

        Example:
            >>> Condition("42P01", "No table <name>.").fill({"name": "`t`"})
            'No table `t`.'
        """
        return _PLACE.sub(lambda place: parameters.get(place[1], place[0]), self.message)


def _read() -> dict[str, Condition]:
    lines = Path(__file__).with_suffix(".tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t", 2) for line in lines)
    return {
        name: Condition(sql_state, message.replace("\\n", "\n"))
        for name, sql_state, message in rows
    }


#: Every condition by name.
CONDITIONS: dict[str, Condition] = _read()
