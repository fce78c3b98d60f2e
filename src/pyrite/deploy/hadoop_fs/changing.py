"""Commands that make, remove and mark files: ``-mkdir``, ``-rm``, ``-touch``, ``-chmod``, ..."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Callable

from pyrite.core.hadoop.filesystem import scheme_of
from pyrite.deploy.hadoop_fs.attributes import attributes, local_path, new_mode
from pyrite.deploy.hadoop_fs.command import FsCommand, FsError, Misused, Options
from pyrite.deploy.hadoop_fs.copying import require_parent
from pyrite.deploy.hadoop_fs.items import Item, missing
from pyrite.deploy.hadoop_fs.session import Session

__all__ = ["COMMANDS"]

_TIME = "%Y%m%d:%H%M%S"


def _each_name(session: Session, paths: list[str], action: Callable[[Item], None]) -> None:
    """Do something with what paths name, whether it is there or not, and what globs name."""
    for path in paths:
        with session.going_on():
            for item in session.items.names(path):
                with session.going_on():
                    action(item)


def _mkdir(session: Session, options: Options, paths: list[str]) -> None:
    def make(item: Item) -> None:
        if item.exists:
            if not item.is_directory:
                raise FsError(f"`{item.shown}': Is not a directory")
            if "p" not in options:
                raise FsError(f"`{item.shown}': File exists")
            return
        if "p" not in options and not item.parent().exists:
            raise missing(item.parent())
        above = item.parent()
        while not above.exists and not above.is_root:
            above = above.parent()
        if above.exists and not above.is_directory:
            raise FsError(f"Parent path is not a directory: {above.uri}")
        item.fs.mkdirs(item.uri)

    _each_name(session, paths, make)


def _rm(session: Session, options: Options, paths: list[str]) -> None:
    def remove(item: Item) -> None:
        if item.is_directory and not options.flags & {"r", "R"}:
            raise FsError(f"`{item.shown}': Is a directory")
        if item.is_root:
            raise FsError(f"`{item.shown}': this is everything; remove what is in it by name")
        item.fs.delete(item.uri)
        session.line(f"Deleted {item.shown}")

    if "f" in options:
        paths = [path for path in paths if session.items.expand(path)[0].exists]
    session.each(paths, remove)


def _rmdir(session: Session, options: Options, paths: list[str]) -> None:
    def remove(item: Item) -> None:
        if not item.is_directory:
            raise FsError(f"`{item.shown}': Is not a directory")
        if not item.children():
            item.fs.delete(item.uri)
        elif "-ignore-fail-on-non-empty" not in options:
            raise FsError(f"`{item.shown}': Directory is not empty")

    session.each(paths, remove)


def _make_empty(item: Item) -> None:
    require_parent(item)
    item.fs.create(item.uri).close()


def _touchz(session: Session, _: Options, paths: list[str]) -> None:
    def touch(item: Item) -> None:
        if item.is_directory:
            raise FsError(f"`{item.shown}': Is a directory")
        if item.exists and item.found.length:
            raise FsError(f"`{item.shown}': Not a zero-length file")
        _make_empty(item)

    _each_name(session, paths, touch)


def _touch(session: Session, options: Options, paths: list[str]) -> None:
    moment = time.time()
    text = options.values.get("t")
    if text is not None:
        try:
            moment = time.mktime(time.strptime(text, _TIME))
        except ValueError:
            raise Misused(
                f"Unable to parse the specified timestamp {text}. "
                "The expected format is yyyyMMdd:HHmmss"
            ) from None

    def touch(item: Item) -> None:
        if not item.exists:
            if "c" in options:
                return
            _make_empty(item)
        if scheme_of(item.uri) != "file":
            return
        name = local_path(item, "-touch")
        found = os.stat(name)
        both = not options.flags & {"a", "m"}
        read = moment if both or "a" in options else found.st_atime
        written = moment if both or "m" in options else found.st_mtime
        os.utime(name, (read, written))

    _each_name(session, paths, touch)


def _with_all_below(options: Options, change: Callable[[Item], None]) -> Callable[[Item], None]:
    """Return a change that -R makes to everything below a directory as well."""

    def change_all(item: Item) -> None:
        for each in item.walk() if "R" in options else [item]:
            change(each)

    return change_all


def _chmod(session: Session, options: Options, words: list[str]) -> None:
    mode, *paths = words
    new_mode(mode, 0, False)  # a mode that is none is told before anything changes

    def change(item: Item) -> None:
        name = local_path(item, "-chmod")
        os.chmod(name, new_mode(mode, attributes(item.found).mode, item.is_directory))

    session.each(paths, _with_all_below(options, change))


def _chown(session: Session, options: Options, words: list[str]) -> None:
    match = re.fullmatch(r"([-\w./@+]*)(?::([-\w./@+]*))?", words[0])
    if match is None or not (match[1] or match[2]):
        raise Misused(f"'{words[0]}' does not match expected pattern for [owner][:group].")
    _give(session, options, words[1:], match[1] or None, match[2] or None)


def _chgrp(session: Session, options: Options, words: list[str]) -> None:
    _give(session, options, words[1:], None, words[0])


def _give(
    session: Session, options: Options, paths: list[str], owner: str | None, group: str | None
) -> None:
    def change(item: Item) -> None:
        name = local_path(item, f"-{session.command}")
        try:
            if owner is not None:
                shutil.chown(name, user=owner)
            if group is not None:
                shutil.chown(name, group=group)
        except (LookupError, PermissionError) as error:
            reason = "Operation not permitted" if isinstance(error, OSError) else str(error)
            raise FsError(f"changing ownership of '{item.shown}': {reason}") from None

    session.each(paths, _with_all_below(options, change))


def _set_replication(session: Session, _: Options, words: list[str]) -> None:
    copies, *paths = words
    with contextlib.suppress(ValueError):
        if int(copies) >= 1:
            session.each(paths, lambda item: _say_replication(session, copies, item))
            return
    raise Misused(f"Illegal replication, a positive integer expected: {copies}")


def _say_replication(session: Session, copies: str, item: Item) -> None:
    """Answer as Hadoop would; how many copies there are is the storage's own affair."""
    for each in item.walk():
        if not each.is_directory:
            session.line(f"Replication {copies} set: {each.shown}")


def _expunge(session: Session, _: Options, words: list[str]) -> None:
    """Empty the trash, which is always empty: -rm removes at once."""


_RM_FLAGS = ("f", "r", "R", "skipTrash", "safely")

COMMANDS = {
    "mkdir": FsCommand(
        _mkdir,
        "[-p] <path> ...",
        "Make directories; -p also those above them, and it is fine if they are there.",
        flags=("p",),
    ),
    "rm": FsCommand(
        _rm,
        "[-f] [-r|-R] [-skipTrash] [-safely] <src> ...",
        "Remove files, at once: there is no trash. -r directories with all they hold; -f it is "
        "fine if nothing is there; -skipTrash and -safely are accepted.",
        flags=_RM_FLAGS,
    ),
    "rmdir": FsCommand(
        _rmdir,
        "[--ignore-fail-on-non-empty] <dir> ...",
        "Remove empty directories; with --ignore-fail-on-non-empty leave the others in peace.",
        flags=("-ignore-fail-on-non-empty",),
    ),
    "touchz": FsCommand(_touchz, "<path> ...", "Make empty files; one with content is an error."),
    "touch": FsCommand(
        _touch,
        "[-a] [-m] [-t TIMESTAMP (yyyyMMdd:HHmmss) ] [-c] <path> ...",
        "Set the times of files to now, or to -t; -a only that of the last access, -m only that "
        "of the last change. Files that are missing are made, unless -c is given.",
        flags=("a", "m", "c"),
        valued=("t",),
    ),
    "chmod": FsCommand(
        _chmod,
        "[-R] <MODE[,MODE]... | OCTALMODE> PATH...",
        "Set permissions: 755, or u+x,g=r; -R of everything below too.",
        flags=("R",),
        least=2,
    ),
    "chown": FsCommand(
        _chown,
        "[-R] [OWNER][:[GROUP]] PATH...",
        "Set the owner and the group; -R of everything below too.",
        flags=("R",),
        least=2,
    ),
    "chgrp": FsCommand(
        _chgrp,
        "[-R] GROUP PATH...",
        "Set the group; -R of everything below too.",
        flags=("R",),
        least=2,
    ),
    "setrep": FsCommand(
        _set_replication,
        "[-R] [-w] <rep> <path> ...",
        "Accepted: how many copies of a file there are is up to its storage.",
        flags=("R", "w"),
        least=2,
    ),
    "expunge": FsCommand(
        _expunge,
        "[-immediate]",
        "Empty the trash; there is none, so nothing is done.",
        flags=("immediate",),
        least=0,
    ),
}
