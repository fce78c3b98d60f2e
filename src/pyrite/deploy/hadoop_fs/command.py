"""One command of the shell: its options and arguments, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyrite.deploy.hadoop_fs.session import Session

__all__ = ["FsCommand", "FsError", "Misused", "Options"]


class FsError(Exception):
    """Something that failed for one path; the command goes on with the others and ends with 1."""


class Misused(Exception):
    """A command line that means nothing; it ends with 255."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options that were given.

    Attributes:
        flags: Those without a value.
        values: The others and their values.
    """

    flags: frozenset[str] = frozenset()
    values: dict[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.flags or name in self.values


@dataclass(frozen=True, slots=True)
class FsCommand:
    """One command.

    Attributes:
        run: Does it, with what the command line gave.
        usage: Options and arguments, as its usage shows them.
        help: What it does, for people.
        flags: The names of its options without a value.
        valued: The names of its options with one.
        least: How many arguments it needs.
        most: How many it takes; None for any number.
    """

    run: Callable[[Session, Options, list[str]], None]
    usage: str
    help: str
    flags: tuple[str, ...] = ()
    valued: tuple[str, ...] = ()
    least: int = 1
    most: int | None = None

    def parse(self, words: Sequence[str]) -> tuple[Options, list[str]]:
        """Split the words behind the command's name into options and arguments.

        Raises:
            Misused: If an option is not known or the number of arguments is wrong.
        """
        flags: set[str] = set()
        values: dict[str, str] = {}
        position = 0
        while position < len(words):
            word = words[position]
            if not word.startswith("-") or word == "-":
                break
            position += 1
            if word == "--":
                break
            name = word[1:]
            if name in self.flags:
                flags.add(name)
            elif name in self.valued and position < len(words):
                values[name] = words[position]
                position += 1
            else:
                raise Misused(f"Illegal option {word}")
        arguments = list(words[position:])
        if len(arguments) < self.least:
            raise Misused(f"Not enough arguments: expected {self.least} but got {len(arguments)}")
        if self.most is not None and len(arguments) > self.most:
            raise Misused(f"Too many arguments: expected {self.most} but got {len(arguments)}")
        return Options(frozenset(flags), values), arguments
