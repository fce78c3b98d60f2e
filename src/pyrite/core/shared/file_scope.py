"""FileScope: added files that only some tasks find, as those of one session among many."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

from pyrite.core.shared.files import SparkFiles, put_on_sys_path

__all__ = ["FileScope"]

#: What was imported from the files of the latest scope in this process, and of which one.
_imported: dict[str, dict[str, ModuleType]] = {}


@dataclass(frozen=True, slots=True)
class FileScope:
    """Where a task finds files beside those of its application.

    A worker runs the tasks of all sessions, one after the other, so what a task has imported
    from here is taken out of its hands when the task ends.

    Attributes:
        root: The directory ``SparkFiles`` looks into first.
        python_path: The directories and archives to import modules from.

    Example::

        with FileScope(files.root, tuple(files.python_path())).entered():
            import sent_module
    """

    root: str
    python_path: tuple[str, ...]

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Let files be found, and modules be imported, inside of a block."""
        sys.modules.update(_imported.get(self.root, {}))
        put_on_sys_path(self.python_path)
        try:
            with SparkFiles._before(self.root):
                yield
        finally:
            sys.path[:] = [entry for entry in sys.path if entry not in self.python_path]
            _imported.clear()
            _imported[self.root] = mine = {
                name: module for name, module in list(sys.modules.items()) if self._holds(module)
            }
            for name in mine:
                del sys.modules[name]

    def _holds(self, module: ModuleType) -> bool:
        """Return whether a module was imported from here."""
        spec = getattr(module, "__spec__", None)
        # A package spread over directories has no origin, only places to look for its modules.
        places = (getattr(spec, "origin", None), *(getattr(module, "__path__", None) or ()))
        return any(isinstance(place, str) and place.startswith(self.root) for place in places)
