"""What is sent to a cluster that is to run a program's driver: one folder.

submission.json    what the driver does, and its settings
application/       the program
files/N/           what --py-files, --files and --archives name, each in a folder of its own
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from pyrite.core.errors import SparkIllegalArgumentException

__all__ = ["SUBMISSION", "Submission", "pack", "unpack"]

SUBMISSION = "submission.json"

#: Files that are already on the machines of the cluster.
_THERE = "local:"
_LISTS = ("spark.files", "spark.submit.pyFiles", "spark.archives")
#: How the submitter gets in; the driver is inside.
_OWN = ("spark.authenticate.secret", "spark.authenticate.secret.file")


@dataclass(frozen=True)
class Submission:
    """A program to be run.

    Attributes:
        application: Its path.
        arguments: Its arguments.
        settings: What its ``SparkConf()`` starts from.
        supervise: Whether it is started again when it fails.
        show_engine: Whether tracebacks keep the lines of Pyrite itself.
    """

    application: str
    arguments: list[str]
    settings: dict[str, str]
    supervise: bool = False
    show_engine: bool = False


def pack(submission: Submission, folder: Path) -> None:
    """Fill an empty folder with all that a submission needs, under paths relative to it.

    Raises:
        SparkIllegalArgumentException: If the program is not there.
    """
    settings = {key: value for key, value in submission.settings.items() if key not in _OWN}
    places: dict[str, str] = {}
    for key in _LISTS:
        if key in settings:
            items = settings[key].split(",")
            settings[key] = ",".join(_put(item, folder, places) for item in items if item)
    application = submission.application.removeprefix(_THERE)
    if application == submission.application:
        source = application.removeprefix("file:")
        if not os.path.isfile(source):
            raise SparkIllegalArgumentException(
                f"The program '{source}' does not exist. One that is on the cluster's machines "
                "already is written as local:/its/path.py."
            )
        application = f"application/{os.path.basename(source)}"
        (folder / "application").mkdir()
        shutil.copy(source, folder / application)
    packed = asdict(submission) | {"application": application, "settings": settings}
    (folder / SUBMISSION).write_text(json.dumps(packed))


def _put(item: str, folder: Path, places: dict[str, str]) -> str:
    """Copy what an item of a list names, once, and return the item with its new path."""
    if "://" in item:
        return item
    path, hash_sign, name = item.partition("#")
    if path not in places:
        places[path] = f"files/{len(places)}/{os.path.basename(path)}"
        target = folder / places[path]
        target.parent.mkdir(parents=True)
        if os.path.isdir(path):
            shutil.copytree(path, target)
        else:
            shutil.copy(path, target)
    return places[path] + hash_sign + name


def unpack(folder: Path) -> Submission:
    """Return the submission that ``pack`` put into a folder, with the paths it has here."""
    submission = Submission(**json.loads((folder / SUBMISSION).read_text()))
    settings = dict(submission.settings)
    for key in _LISTS:
        if key in settings:
            settings[key] = ",".join(_here(item, folder) for item in settings[key].split(","))
    application = _here(submission.application, folder)
    return Submission(**asdict(submission) | {"application": application, "settings": settings})


def _here(item: str, folder: Path) -> str:
    return item if "://" in item else str(folder / item)
