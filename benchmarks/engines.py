"""The two Python environments: this checkout of Pyrite, and PySpark with its JVM."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYSPARK = "pyspark==4.3.*"
# What might send either engine elsewhere, or change its settings.
_PRIVATE = ("SPARK", "PYSPARK", "PYTHON", "PYRITE")


class CannotRun(Exception):
    """Something the benchmarks need is missing; the text names it and the remedy."""


@dataclass(frozen=True)
class Engine:
    """A Python that runs PySpark programs.

    Attributes:
        name: How the table calls it.
        python: The interpreter of its environment.
        path: The folders that its Python needs to find.
        preamble: A statement that comes before the program, or nothing.
    """

    name: str
    python: str
    path: tuple[Path, ...] = (ROOT,)
    preamble: str = ""

    def command(self, statement: str, *arguments: str | Path) -> list[str]:
        """The command that runs a Python statement on this engine."""
        return [self.python, "-c", self.preamble + statement, *map(str, arguments)]

    def environment(self) -> dict[str, str]:
        """Environment variables for the command, free of anybody's Spark settings."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_PRIVATE)}
        return inherited | {
            "PYTHONPATH": os.pathsep.join(map(str, self.path)),
            "PYSPARK_PYTHON": self.python,
            "PYSPARK_DRIVER_PYTHON": self.python,
        }


def pyrite(python: str = sys.executable) -> Engine:
    """Pyrite as it is in this checkout, on an interpreter that has what Pyrite needs."""
    return Engine("Pyrite", python, (ROOT / "src", ROOT), "import pyrite; ")


def pyspark(cache: Path, python: str | None = None) -> Engine:
    """PySpark: on the interpreter named, or in an environment made in ``cache`` if need be.

    Raises:
        CannotRun: There is no Java, or PySpark could not be installed.
    """
    java = Path(os.environ.get("JAVA_HOME", ""), "bin", "java")
    if not (os.environ.get("JAVA_HOME") and java.exists()) and not shutil.which("java"):
        raise CannotRun(
            "PySpark needs Java 17 or newer, and there is none: install it (on Debian and Ubuntu:"
            " apt install openjdk-17-jre-headless), or set JAVA_HOME."
        )
    return Engine("PySpark", python or str(_make_environment(cache)))


def _make_environment(cache: Path) -> Path:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    place = cache.absolute() / f"pyspark-on-python-{version}"
    python = place / "bin" / "python"
    complete = place / "complete"
    if not complete.exists():
        print(f"Installing {PYSPARK} in {place} (only once) ...", file=sys.stderr)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        for command in ([sys.executable, "-m", "venv", "--clear", str(place)], [*pip, PYSPARK]):
            if subprocess.run(command, check=False).returncode:
                raise CannotRun(f"This failed: {' '.join(command)}")
        complete.touch()
    return python
