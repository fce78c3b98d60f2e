"""FileScope: added files that only some tasks find, as those of one session among many."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from pyrite.core.env import driver_directory
from pyrite.core.shared.files import SparkFiles, UserFiles, put_on_sys_path

__all__ = ["FileScope"]

#: What was imported from the files of the latest scope in this process, and of which one.
_imported: dict[str, dict[str, ModuleType]] = {}


@dataclass(frozen=True, slots=True)
class FileScope:
    """Where a task finds files beside those of its application.

    A worker runs the tasks of all sessions, one after the other, so what a task has imported
    from here is taken out of its hands when the task ends.

    Attributes:
        root: The directory ``SparkFiles`` looks into first, in the driver.
        python_path: The directories and archives to import modules from, below the root.
        version: How often something was added to them.

    Example::

        with FileScope.of(files).entered():
            import sent_module
    """

    root: str
    python_path: tuple[str, ...]
    version: int = 0

    @classmethod
    def of(cls, files: UserFiles) -> FileScope:
        """Return the scope of all that was added so far."""
        return cls(files.root, tuple(files.python_path()), files.version)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Let files be found, and modules be imported, inside of a block."""
        root = driver_directory(self.root, self.version)
        here = [os.path.join(root, os.path.relpath(path, self.root)) for path in self.python_path]
        python_path = [os.path.normpath(path) for path in here]
        sys.modules.update(_imported.get(root, {}))
        put_on_sys_path(python_path)
        try:
            with SparkFiles._before(root):
                yield
        finally:
            sys.path[:] = [entry for entry in sys.path if entry not in python_path]
            _imported.clear()
            _imported[root] = mine = {
                name: module for name, module in list(sys.modules.items()) if _is_from(root, module)
            }
            for name in mine:
                del sys.modules[name]


def _is_from(root: str, module: ModuleType) -> bool:
    """Return whether a module was imported from a directory."""
    spec = getattr(module, "__spec__", None)
    # A package spread over directories has no origin, only places to look for its modules.
    places = (getattr(spec, "origin", None), *(getattr(module, "__path__", None) or ()))
    return any(isinstance(place, str) and place.startswith(root) for place in places)
