"""Runs a Python program in this process as ``__main__``, as if it had been started by itself.

The program sees its own arguments and its own folder first on ``sys.path``; an exception that
leaves it is shown with the program's lines only, and becomes the exit code.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType, TracebackType

__all__ = ["add_python_files", "become_main", "hide_engine_frames", "run_application"]

_PACKAGE = str(Path(__file__).parents[1]) + os.sep


def run_application(path: str, arguments: Sequence[str], *, show_engine: bool = False) -> int:
    """Run the program at ``path`` and return its exit code.

    Args:
        path: A Python file.
        arguments: What ``sys.argv`` holds after the path.
        show_engine: Whether tracebacks keep the lines of Pyrite itself.

    Returns:
        0; 1 after an uncaught exception; 2 if the file cannot be read; 130 after Ctrl-C.

    Raises:
        SystemExit: As the program raised it.
    """
    try:
        with io.open_code(os.path.abspath(path)) as file:
            source = file.read()
    except OSError as error:
        print(
            f"pyrite: can't open file '{os.path.abspath(path)}': [Errno {error.errno}] "
            f"{error.strerror}",
            file=sys.stderr,
        )
        return 2
    main = become_main(path)
    sys.argv = [path, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(path))
    try:
        exec(compile(source, path, "exec"), main.__dict__)
    except (Exception, KeyboardInterrupt) as error:
        if not show_engine:
            hide_engine_frames(error)
        sys.excepthook(type(error), error, error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def become_main(path: str | None) -> ModuleType:
    """Return a new, empty ``__main__``.

    It stays for good: threads and exit handlers of the program outlive its last line, and
    functions of ``__main__`` are sent to tasks by value.
    """
    main = ModuleType("__main__")
    if path is not None:
        main.__file__ = path
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    return main


def add_python_files(paths: Sequence[str]) -> None:
    """Let this process import the files of ``--py-files``, before any SparkContext exists.

    Archives go on ``sys.path``. A single module is found by its own name, so that its neighbours
    stay unseen and nothing needs to be copied. Files elsewhere come with the SparkContext.
    """
    here = [path for path in paths if "://" not in path]
    modules = {Path(path).stem: path for path in here if path.endswith(".py")}
    sys.path[1:1] = [path for path in here if not path.endswith(".py")]
    if modules:
        sys.meta_path.insert(sys.meta_path.index(PathFinder), _ModuleFinder(modules))


class _ModuleFinder(MetaPathFinder):
    """Finds single modules, ahead of ``sys.path``."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        file = self._files.get(name)
        return None if file is None else spec_from_file_location(name, file)


def hide_engine_frames(error: BaseException) -> None:
    """Take the lines of Pyrite itself out of an exception's traceback, and of its causes'."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        current.__traceback__ = _without_engine(current.__traceback__)
        current = current.__cause__ or current.__context__


def _without_engine(first: TracebackType | None) -> TracebackType | None:
    kept: TracebackType | None = None
    entries = []
    while first is not None:
        entries.append(first)
        first = first.tb_next
    for entry in reversed(entries):
        if not entry.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            entry.tb_next = kept
            kept = entry
    return kept
