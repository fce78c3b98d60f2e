"""``-put``, ``-get``, ``-cp``, ``-mv`` and their other names: the same files elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial

from pyrite.core.hadoop.filesystem import scheme_of
from pyrite.deploy.hadoop_fs.command import FsCommand, FsError, Options
from pyrite.deploy.hadoop_fs.contents import copy_bytes
from pyrite.deploy.hadoop_fs.items import Item, missing
from pyrite.deploy.hadoop_fs.session import Session

__all__ = ["COMMANDS", "require_parent"]

#: What a file is called until all of it is there.
_UNFINISHED = "._COPYING_"

_Place = Callable[[Item, Item], None]


def require_parent(target: Item) -> None:
    """Check that the directory that is to have something is there.

    Raises:
        FsError: If it is missing or no directory. Object stores need none.
    """
    if scheme_of(target.uri) not in ("file", "hdfs"):
        return
    parent = target.parent()
    if not parent.exists:
        uri = target.shown.rstrip("/") if ":" in target.shown else target.uri
        raise FsError(f"`{target.shown}': No such file or directory: `{uri}'")
    if not parent.is_directory:
        path = parent.uri.removeprefix("file:")
        raise FsError(f"Destination exists and is not a directory: {path}")


def _send(
    session: Session, sources: list[Item], target: Item, place: _Place, replaces: bool
) -> None:
    """Place each source at the target, or in it where that is a directory."""
    if len(sources) > 1 and not target.is_directory:
        problem = "Is not a directory" if target.exists else "No such file or directory"
        raise FsError(f"`{target.shown}': {problem}")
    if target.exists and not target.is_directory and not replaces:
        raise FsError(f"`{target.shown}': File exists")
    for source in sources:
        with session.going_on():
            source.found  # noqa: B018 - what is missing is told, and the rest goes on
            place(source, target.child(source.name) if target.is_directory else target)


def _copy(session: Session, options: Options, source: Item, target: Item) -> None:
    """Copy a file or a directory with all it holds; ``target`` is its new name."""
    if source.uri == target.uri and source.is_directory:
        raise _identical(source, target)
    if source.uri == target.uri and "f" in options:
        return  # it would become what it is, unless it were emptied first
    if source.is_directory:
        _copy_directory(session, options, source, target)
        return
    if target.is_directory:
        raise FsError(f"`{target.shown}': Is a directory")
    if target.exists and "f" not in options:
        raise FsError(f"`{target.shown}': File exists")
    if target.shown.endswith("/") and not target.exists:
        raise FsError(f"{missing(target)}: `{target.uri}'")
    require_parent(target)
    with source.fs.open(source.uri) as content:
        unfinished = target.uri if "d" in options else target.uri + _UNFINISHED
        try:
            with target.fs.create(unfinished) as out:
                copy_bytes(content, out)
            if unfinished != target.uri:
                if target.exists and not target.fs.renames_atomically:
                    target.fs.delete(target.uri)
                target.fs.rename(unfinished, target.uri)
        except BaseException:
            target.fs.delete(unfinished)
            raise
    _keep_attributes(options, source, target)


def _copy_directory(session: Session, options: Options, source: Item, target: Item) -> None:
    if target.exists and not target.is_directory:
        raise FsError(f"`{target.shown}': Is not a directory")
    require_parent(target)
    if (target.uri + "/").startswith(source.uri.rstrip("/") + "/"):
        raise FsError(f"`{source.shown}' to `{target.shown}': is a subdirectory of itself")
    target.fs.mkdirs(target.uri)
    for child in source.children():
        with session.going_on():
            _copy(session, options, child, target.child(child.name))
    _keep_attributes(options, source, target)


def _identical(source: Item, target: Item) -> FsError:
    """Return the error that something is to be put where it is."""
    return FsError(f"`{source.shown}' to `{target.uri}': are identical")


def _keep_attributes(options: Options, source: Item, target: Item) -> None:
    """Give a copy its original's times and permissions (-p), where both are files here."""
    kept = any(flag.startswith("p") for flag in options.flags)
    if kept and scheme_of(source.uri) == scheme_of(target.uri) == "file":
        shutil.copystat(source.uri.removeprefix("file:"), target.uri.removeprefix("file:"))


def _put(session: Session, options: Options, words: list[str], move: bool = False) -> None:
    *names, path = words if len(words) > 1 else [*words, "."]

    def place(source: Item, at: Item) -> None:
        if move and source.uri == at.uri:
            raise _identical(source, at)
        _copy(session, options, source, at)
        if move and not session.failed:
            source.fs.delete(source.uri)

    with session.going_on():
        target = session.items.target(path)
        if names == ["-"]:
            _put_stdin(session, options, target.child("-") if target.is_directory else target)
        else:
            _send(session, [session.local(name) for name in names], target, place, "f" in options)


def _put_stdin(session: Session, options: Options, target: Item) -> None:
    if target.exists and "f" not in options:
        raise FsError(f"`{target.shown}': File exists")
    require_parent(target)
    with target.fs.create(target.uri) as out:
        copy_bytes(session.stdin, out)


def _get(session: Session, options: Options, words: list[str]) -> None:
    *names, path = words if len(words) > 1 else [*words, "."]
    # Downloads need no name in between: nobody reads them as a whole directory.
    plain = Options(options.flags | {"d"}, options.values)
    with session.going_on():
        place = partial(_copy, session, plain)
        _send(session, _all(session, names), session.local(path), place, "f" in options)


def _cp(session: Session, options: Options, words: list[str]) -> None:
    *names, path = words
    with session.going_on():
        target = session.items.target(path)
        place = partial(_copy, session, options)
        _send(session, _all(session, names), target, place, "f" in options)


def _mv(session: Session, _: Options, words: list[str]) -> None:
    *names, path = words
    with session.going_on():
        target = session.items.target(path)
        _send(session, _all(session, names), target, _move, replaces=False)


def _all(session: Session, paths: list[str]) -> list[Item]:
    """Return all that paths and globs name; a path that is missing is among it, to be told."""
    found = []
    for path in paths:
        with session.going_on():
            found += session.items.names(path)
    return found


def _move(source: Item, target: Item) -> None:
    if _store(source) != _store(target):
        raise FsError(f"`{source.shown}': Does not match target filesystem; use -cp and -rm")
    if source.uri == target.uri and source.is_directory:
        raise _identical(source, target)
    if target.exists:
        raise FsError(f"`{target.shown}': File exists")
    require_parent(target)
    if (target.uri + "/").startswith(source.uri.rstrip("/") + "/"):
        raise FsError(f"`{source.shown}' to `{target.shown}': is a subdirectory of itself")
    try:
        source.fs.rename(source.uri, target.uri)
    except OSError as error:
        if scheme_of(source.uri) != "file" or not os.path.exists(source.uri[len("file:") :]):
            raise
        # Two disks of this machine have no common rename.
        try:
            shutil.move(source.uri.removeprefix("file:"), target.uri.removeprefix("file:"))
        except OSError:
            raise error from None


def _store(item: Item) -> str:
    scheme, _, rest = item.uri.partition(":")
    return f"{scheme}://{rest[2:].partition('/')[0]}" if rest.startswith("//") else scheme


_PUT = FsCommand(
    _put,
    "[-f] [-p] [-l] [-d] [-t <thread count>] [-q <thread pool queue size>] <localsrc> ... <dst>",
    "Copy files and directories of this machine, or '-' for what is piped in. A file appears "
    "under its name when all of it is there. -f replaces files; -p keeps times and permissions; "
    "-d writes under the final name from the first byte; -l, -t and -q are accepted.",
    flags=("f", "p", "l", "d"),
    valued=("t", "q"),
)
_GET = FsCommand(
    _get,
    "[-f] [-p] [-crc] [-ignoreCrc] [-t <thread count>] [-q <thread pool queue size>] "
    "<src> ... <localdst>",
    "Copy files and directories to this machine. -f replaces files; -p keeps times and "
    "permissions; -crc, -ignoreCrc, -t and -q are accepted.",
    flags=("f", "p", "crc", "ignoreCrc"),
    valued=("t", "q"),
)

COMMANDS = {
    "put": _PUT,
    "copyFromLocal": _PUT,
    "moveFromLocal": FsCommand(
        partial(_put, move=True),
        "[-f] [-p] [-l] [-d] <localsrc> ... <dst>",
        "Like -put; what was copied is then removed.",
        flags=("f", "p", "l", "d"),
        least=2,
    ),
    "get": _GET,
    "copyToLocal": _GET,
    "cp": FsCommand(
        _cp,
        "[-f] [-p | -p[topax]] [-d] [-t <thread count>] [-q <thread pool queue size>] "
        "<src> ... <dst>",
        "Copy files and directories, also between file systems. -f replaces files; -p keeps "
        "times and permissions; -d writes under the final name; -t and -q are accepted.",
        flags=("f", "p", "ptopax", "d"),
        valued=("t", "q"),
        least=2,
    ),
    "mv": FsCommand(_mv, "<src> ... <dst>", "Move files and directories.", least=2),
}
