"""What a command runs in: its paths, its input and output, and whether anything failed."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from pyrite.core.errors import SparkException
from pyrite.deploy.hadoop_fs.command import FsError
from pyrite.deploy.hadoop_fs.items import Item, Items, missing

__all__ = ["Session"]


@dataclass(slots=True)
class Session:
    """One command's surroundings.

    Attributes:
        command: Its name without the dash, which begins its messages.
        items: Where paths lead.
        out: Where its output goes.
        failed: Whether anything failed.
    """

    command: str
    items: Items
    out: BinaryIO = field(default_factory=lambda: sys.stdout.buffer)
    failed: bool = False

    @property
    def stdin(self) -> BinaryIO:
        """What is typed or piped in."""
        return sys.stdin.buffer

    def local(self, path: str) -> Item:
        """Return what a path names, which is among this machine's files if it has no scheme."""
        return Items().item(path)

    def line(self, text: str) -> None:
        """Write a line of output."""
        self.out.write(os.fsencode(text) + b"\n")

    def fail(self, message: str) -> None:
        """Say what failed; the command ends with 1."""
        self.out.flush()  # so that messages and output come in the order of the work
        print(f"{self.command}: {message}", file=sys.stderr, flush=True)
        self.failed = True

    @contextlib.contextmanager
    def going_on(self) -> Iterator[None]:
        """Tell what fails inside, and go on after it."""
        try:
            yield
        except BrokenPipeError:
            raise
        except (FsError, SparkException) as error:
            self.fail(str(error))
        except OSError as error:
            name = error.filename if isinstance(error.filename, str) else ""
            self.fail(f"`{name}': {error.strerror or error}" if name else str(error))

    def named(self, paths: Iterable[str]) -> Iterator[Item]:
        """Yield what paths and globs name; what is missing is told and left out."""
        for path in paths:
            found: list[Item] = []
            with self.going_on():
                found = self.items.expand(path)
            for item in found:
                if item.exists:
                    yield item
                else:
                    self.fail(str(missing(item)))

    def each(self, paths: Iterable[str], action: Callable[[Item], None]) -> None:
        """Do something with everything that paths and globs name."""
        for item in self.named(paths):
            with self.going_on():
                action(item)
