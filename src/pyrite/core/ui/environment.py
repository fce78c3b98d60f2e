"""What the application runs with: the event that tells listeners about it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping

from pyrite.core.events import SparkListenerEnvironmentUpdate

__all__ = ["environment_update"]

_PACKAGES = ("pyrite", "pyspark-client", "cloudpickle", "pyarrow", "duckdb")


def environment_update(conf: Mapping[str, str]) -> SparkListenerEnvironmentUpdate:
    """Return the event for these settings and this process.

    Secrets are still in it; whoever shows or writes it passes it through ``redact``.

    Args:
        conf: The application's settings.

    Example:
        >>> environment_update({"spark.app.name": "sums"}).spark_properties
        {'spark.app.name': 'sums'}
    """
    return SparkListenerEnvironmentUpdate(
        runtime_information={
            "Python Version": f"{platform.python_version()} ({platform.python_implementation()})",
            "Python Home": sys.prefix,
            **{f"{name} Version": found for name in _PACKAGES if (found := _version(name))},
        },
        spark_properties=dict(sorted(conf.items())),
        system_properties={
            "os.name": platform.system(),
            "os.version": platform.release(),
            "os.arch": platform.machine(),
            "user.dir": os.getcwd(),
            "python.executable": sys.executable,
        },
        classpath_entries={path: "Python Path" for path in sys.path if path},
    )


def _version(package: str) -> str | None:
    # Imported late: the workers start meanwhile
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None
