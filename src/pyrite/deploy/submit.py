"""From flags and files to the settings of an application.

Precedence, strongest first: what the program sets in code, flags, ``--conf``, the file of
``--properties-file``, ``spark-defaults.conf``.
"""

from __future__ import annotations

import glob
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.deploy.flags import FLAGS, Answer, Flag
from pyrite.deploy.properties import defaults_file, read_properties

__all__ = ["SubmitArguments", "read_settings"]


@dataclass(frozen=True)
class SubmitArguments:
    """What was asked for on a command line, before any file is read.

    Attributes:
        flags: Value by flag name, with its dashes; only flags that were given.
        conf: The texts of ``--conf``, each ``key=value``.
        properties_file: The file of ``--properties-file``.
        load_defaults: Whether spark-defaults.conf counts even beside a properties file.
    """

    flags: Mapping[str, str] = field(default_factory=dict)
    conf: Sequence[str] = ()
    properties_file: str | None = None
    load_defaults: bool = False

    def settings(
        self,
        app_name: str | None,
        environment: Mapping[str, str] = os.environ,
        warn: Callable[[str], None] = lambda message: print(message, file=sys.stderr),
    ) -> dict[str, str]:
        """Return the settings that ``SparkConf()`` will start from.

        Args:
            app_name: The application's name when nothing else names it.
            environment: Where SPARK_CONF_DIR and SPARK_HOME are looked up.
            warn: Takes one sentence for each flag that is accepted without effect.

        Raises:
            SparkIllegalArgumentException: If a flag, a value or a file cannot be used; the
                message names it.
        """
        settings = {"spark.master": "local[*]", "spark.submit.deployMode": "client"}
        if app_name is not None:
            settings["spark.app.name"] = app_name
        settings |= self._from_files(environment)
        for text in self.conf:
            key, equals, value = text.partition("=")
            if not equals or not key.strip():
                raise SparkIllegalArgumentException(
                    f"--conf {text}: write it as key=value, such as spark.task.maxFailures=2."
                )
            settings[key.strip()] = value.strip()
        for flag in FLAGS:
            if flag.name in self.flags:
                settings |= _apply(flag, self.flags[flag.name], warn)
        # Tasks get Python files as they get any other; see SparkFiles.
        files = [settings.get(key, "") for key in ("spark.files", "spark.submit.pyFiles")]
        if any(files):
            settings["spark.files"] = ",".join(filter(None, files))
        settings["spark.app.submitTime"] = str(int(time.time() * 1000))
        return settings

    def _from_files(self, environment: Mapping[str, str]) -> dict[str, str]:
        settings: dict[str, str] = {}
        defaults = defaults_file(environment)
        if defaults is not None and (self.properties_file is None or self.load_defaults):
            settings |= read_settings(defaults)
        if self.properties_file is not None:
            settings |= read_settings(Path(self.properties_file))
        return settings


def read_settings(file: Path) -> dict[str, str]:
    """Return the settings in a properties file.

    Raises:
        SparkIllegalArgumentException: If it cannot be read; the message names it.
    """
    try:
        return read_properties(file)
    except (OSError, UnicodeDecodeError) as error:
        raise SparkIllegalArgumentException(f"Invalid properties file '{file}': {error}") from None


def _apply(flag: Flag, value: str, warn: Callable[[str], None]) -> dict[str, str]:
    if flag.answer is Answer.REFUSE:
        raise SparkIllegalArgumentException(f"{flag.name} {flag.answer.value}. {flag.remedy}")
    if flag.answer is Answer.WARN:
        warn(f"{flag.name} {flag.answer.value}.")
    if flag.check is not None:
        try:
            flag.check(value)
        except (ValueError, SparkIllegalArgumentException) as error:
            raise SparkIllegalArgumentException(f"{flag.name}: {error}") from None
    if flag.is_path_list:
        value = ",".join(path for item in value.split(",") for path in _paths(flag, item.strip()))
    return {flag.setting: value} if flag.setting else {}


def _paths(flag: Flag, item: str) -> list[str]:
    """Make one item of a path list absolute, since tasks run elsewhere; expand ``*``."""
    if not item or "://" in item:
        return [item] if item else []
    path, hash_sign, name = item.removeprefix("file:").partition("#")
    found = [path] if os.path.exists(path) else sorted(glob.glob(path))
    if not found:
        raise SparkIllegalArgumentException(f"{flag.name}: '{path}' does not exist.")
    return [os.path.abspath(match) + hash_sign + name for match in found]
