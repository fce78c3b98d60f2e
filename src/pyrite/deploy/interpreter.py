"""Which Python runs a program: the one that spark-submit's settings name, or this one.

Workers are always of the Python that runs the program, as PySpark asks for.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence

from pyrite.core.errors import SparkIllegalArgumentException

__all__ = ["go_on_in_wanted_python", "wanted_python"]

#: Where the choice can be made, the strongest place first.
_SETTINGS = ("spark.pyspark.driver.python", "spark.pyspark.python")
_VARIABLES = ("PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON")

#: Tells a process that it was started as the wanted Python, which may call itself otherwise.
_IS_WANTED = "PYRITE_IS_WANTED_PYTHON"

_GO_ON = """
import sys
try:
    from pyrite.deploy.cli import main
except ImportError as error:
    sys.exit(f"Error: {sys.argv.pop(1)} is {sys.executable}, which cannot import Pyrite ({error}). "
             "Install Pyrite for it, or leave the setting out.")
del sys.argv[1]
main(prog_name="pyrite")
"""


def wanted_python(
    settings: Mapping[str, str], environment: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return the name of the setting that chooses a Python and its value; None if none does.

    Example:
        >>> wanted_python({}, {"PYSPARK_PYTHON": "python3"})
        ('PYSPARK_PYTHON', 'python3')
    """
    for source, names in ((settings, _SETTINGS), (environment, _VARIABLES)):
        for name in names:
            if value := source.get(name):
                return name, value
    return None


def go_on_in_wanted_python(settings: Mapping[str, str], words: Sequence[str]) -> None:
    """Become the Python that the settings name, unless this is the one.

    Args:
        settings: The application's settings.
        words: The words after ``pyrite`` that start this command anew.

    Raises:
        SparkIllegalArgumentException: If there is no such program; the message names the setting.
    """
    was_started_for = os.environ.pop(_IS_WANTED, None)
    choice = wanted_python(settings, os.environ)
    if choice is None or choice[1] == was_started_for:
        return
    name, python = choice
    path = shutil.which(python)
    if path is None:
        raise SparkIllegalArgumentException(
            f'Cannot run program "{python}", which {name} names: there is no such program.'
        )
    if _is_this(path):
        return
    sys.stdout.flush()
    sys.stderr.flush()
    environment = {**os.environ, _IS_WANTED: python}
    try:
        os.execve(path, [path, "-c", _GO_ON, name, *words], environment)
    except OSError as error:
        raise SparkIllegalArgumentException(
            f'Cannot run program "{python}", which {name} names: {error.strerror}.'
        ) from None


def _is_this(path: str) -> bool:
    """Whether a path is this very interpreter; one binary may serve several environments."""
    folders = {os.path.realpath(os.path.dirname(each)) for each in (path, sys.executable)}
    return len(folders) == 1 and os.path.samefile(path, sys.executable)
