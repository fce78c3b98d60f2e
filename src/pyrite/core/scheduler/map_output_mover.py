"""MapOutputMover: takes the map outputs of a machine that will go to machines that stay."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyrite.core.local_dirs import LocalDirs
from pyrite.core.network import BlockClient, LostFile

__all__ = ["MapOutputMover", "Refuge"]


@dataclass(frozen=True, slots=True)
class Refuge:
    """A machine that stays.

    Attributes:
        location: Its block server.
        local_dirs: The application's scratch directories there.
    """

    location: str
    local_dirs: tuple[str, ...]


class MapOutputMover:
    """Copies finished map outputs to other machines, each once.

    Args:
        dirs: This machine's scratch directories.
        secret: The application's secret.
        name: Of this machine, unique among the application's: another attempt of the same map
            task may have left its output where this one's goes.
    """

    def __init__(self, dirs: LocalDirs, secret: bytes, name: str) -> None:
        self._dirs = dirs
        self._secret = secret
        self._name = name
        self._moved: set[str] = set()
        self._turns = itertools.count()

    def move(self, refuges: Sequence[Refuge], seconds: float) -> dict[str, tuple[str, str]]:
        """Copy what was not copied yet, for a while.

        Args:
            refuges: Where to; they take turns. At least one.
            seconds: After this long no further file is begun.

        Returns:
            For each file that was copied, the block server it is behind now, and its path there.
        """
        client = BlockClient(self._secret, os.path.join(self._dirs.first, "spill"))
        with contextlib.closing(client):
            return self._copy(client, refuges, time.monotonic() + seconds)

    def _copy(
        self, client: BlockClient, refuges: Sequence[Refuge], until: float
    ) -> dict[str, tuple[str, str]]:
        found = {}
        for path in self._outputs():
            refuge = refuges[next(self._turns) % len(refuges)]
            name = os.path.basename(path).removesuffix(".data")
            directory = refuge.local_dirs[hash(name) % len(refuge.local_dirs)]
            target = os.path.join(directory, "shuffle", f"{name}.{self._name}.data")
            try:
                client.send_file(refuge.location, target, path)
            except (OSError, LostFile):  # it goes elsewhere next time, or its shuffle is over
                continue
            self._moved.add(path)
            found[path] = refuge.location, target
            if time.monotonic() > until:
                break
        return found

    def has_outputs(self) -> bool:
        """Tell whether there are finished map outputs."""
        return next(self._finished(), None) is not None

    def _outputs(self) -> Iterator[str]:
        """Yield what was not copied yet, in order."""
        yield from sorted(path for path in self._finished() if path not in self._moved)

    def _finished(self) -> Iterator[str]:
        """Yield the finished files; those being written have names that begin with a dot."""
        for directory in self._dirs.every("shuffle"):
            with os.scandir(directory) as entries:
                for entry in entries:
                    if entry.name.endswith(".data") and not entry.name.startswith("."):
                        yield entry.path
