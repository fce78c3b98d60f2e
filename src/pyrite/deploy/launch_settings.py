"""What ``SparkConf()`` starts from in this process.

A launcher announces the settings it resolved. A program that no launcher started, such as
``python app.py``, finds ``spark-defaults.conf`` and ``PYSPARK_SUBMIT_ARGS``, as PySpark does.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.deploy.properties import defaults_file
from pyrite.deploy.submit import read_settings

__all__ = ["announce", "launch_settings"]

_announced: dict[str, str] | None = None


def announce(settings: Mapping[str, str]) -> None:
    """Let every ``SparkConf()`` of this process start from ``settings``."""
    global _announced
    _announced = dict(settings)


def launch_settings() -> Mapping[str, str]:
    """Return the settings announced, or else those that files and the environment give.

    Raises:
        SparkIllegalArgumentException: If ``PYSPARK_SUBMIT_ARGS`` is not a list of flags.
    """
    if _announced is None:
        announce(_from_environment(os.environ))
    return dict(_announced or {})


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    text = environment.get("PYSPARK_SUBMIT_ARGS")
    if text is None:
        defaults = defaults_file(environment)
        return {} if defaults is None else read_settings(defaults)
    # Imports Click, which launchers have loaded and other programs do without.
    from pyrite.deploy.flag_command import parse_flags

    try:
        # The last word says what was launched: pyspark-shell.
        return parse_flags(shlex.split(text)).settings(None, environment)
    except ValueError as error:
        raise SparkIllegalArgumentException(f"PYSPARK_SUBMIT_ARGS: {error}") from None
