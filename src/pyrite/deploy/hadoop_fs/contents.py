"""What is in files: ``-cat``, ``-text``, ``-head``, ``-tail``, ``-getmerge``, ``-appendToFile``."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from pyrite.core.hadoop.codecs import codec_for_path, find_codec
from pyrite.core.hadoop.java_text import java_text
from pyrite.core.hadoop.sequence_file import SequenceFileReader
from pyrite.deploy.hadoop_fs.attributes import local_path
from pyrite.deploy.hadoop_fs.command import FsCommand, FsError, Options
from pyrite.deploy.hadoop_fs.items import Item
from pyrite.deploy.hadoop_fs.session import Session

__all__ = ["COMMANDS", "copy_bytes"]

_CHUNK = 1 << 20
_END = 1024  # bytes that -head and -tail show


def copy_bytes(source: BinaryIO, target: BinaryIO) -> None:
    """Copy a file's content, in large pieces."""
    shutil.copyfileobj(source, target, _CHUNK)


@contextlib.contextmanager
def _opened(item: Item) -> Iterator[BinaryIO]:
    if item.found.is_directory:
        raise FsError(f"`{item.shown}': Is a directory")
    with item.fs.open(item.uri) as file:
        yield file


def _cat(session: Session, _: Options, paths: list[str]) -> None:
    def show(item: Item) -> None:
        with _opened(item) as file:
            copy_bytes(file, session.out)

    session.each(paths, show)


def _text(session: Session, _: Options, paths: list[str]) -> None:
    session.each(paths, lambda item: _show_text(session, item))


def _show_text(session: Session, item: Item) -> None:
    """Write a file as text: by its first bytes a sequence file or gzip, else by its suffix."""
    with _opened(item) as file:
        magic = file.read(3)
        file.seek(0)
        if magic == b"SEQ":
            for batch in SequenceFileReader(file, item.uri).read():
                lines = (f"{java_text(key)}\t{java_text(value)}\n" for key, value in batch)
                session.out.write("".join(lines).encode(errors="surrogateescape"))
            return
        codec = find_codec("gzip") if magic[:2] == b"\x1f\x8b" else codec_for_path(item.uri)
        if codec is None:
            copy_bytes(file, session.out)
            return
        with codec.reader(file) as content:
            copy_bytes(content, session.out)


def _one(session: Session, path: str) -> Item:
    """Return what a path names as it is written, without a look for globs."""
    return replace(session.items.item(path), shown=path)


def _head(session: Session, _: Options, paths: list[str]) -> None:
    def show(item: Item) -> None:
        with _opened(item) as file:
            session.out.write(file.read(_END))

    with session.going_on():
        show(_one(session, paths[0]))


def _tail(session: Session, options: Options, paths: list[str]) -> None:
    pause = float(options.values.get("s", "5000")) / 1000

    def show(item: Item) -> None:
        position = max(item.found.length - _END, 0)
        while True:
            with _opened(item) as file:
                file.seek(position)
                copy_bytes(file, session.out)
                position = file.tell()
            if "f" not in options:
                return
            session.out.flush()
            time.sleep(pause)

    with session.going_on():
        show(_one(session, paths[0]))


def _merge(session: Session, options: Options, words: list[str]) -> None:
    *paths, target = words
    name = local_path(session.local(target), "-getmerge's target")
    files = [
        file
        for item in session.named(paths)
        for file in (item.children() if item.is_directory else [item])
        if not file.is_directory
    ]
    if session.failed:
        return
    with session.going_on():
        os.makedirs(os.path.dirname(name) or "/", exist_ok=True)
        with open(name, "wb") as out:
            for each in files:
                if "skip-empty-file" in options and not each.found.length:
                    continue
                with _opened(each) as file:
                    copy_bytes(file, out)
                if "nl" in options:
                    out.write(b"\n")


def _append(session: Session, _: Options, words: list[str]) -> None:
    *sources, path = words
    if not sources:
        session.fail("missing destination argument")
        return
    target = session.items.item(path)
    if target.is_directory:
        session.fail(f"`{target.shown}': Is a directory")
        return
    items = [session.local(source) for source in sources if source != "-"]
    for item in items:
        if not item.exists:
            session.fail(f"`{item.shown}': No such file or directory")
    if session.failed:
        return
    with session.going_on(), open(local_path(target, "-appendToFile"), "ab") as out:
        for source in sources:
            if source == "-":
                copy_bytes(session.stdin, out)
            else:
                with _opened(session.local(source)) as file:
                    copy_bytes(file, out)


COMMANDS = {
    "cat": FsCommand(
        _cat,
        "[-ignoreCrc] <src> ...",
        "Write what is in files, one behind the other, as it is.",
        flags=("ignoreCrc",),
    ),
    "text": FsCommand(
        _text,
        "[-ignoreCrc] <src> ...",
        "Write files as text: compressed ones unpacked, sequence files as key, tab, value.",
        flags=("ignoreCrc",),
    ),
    "head": FsCommand(_head, "<file>", "Write the first kilobyte of a file.", most=1),
    "tail": FsCommand(
        _tail,
        "[-f] [-s <sleep interval>] <file>",
        "Write the last kilobyte of a file; -f then waits for more, -s so many milliseconds "
        "between two looks.",
        flags=("f",),
        valued=("s",),
        most=1,
    ),
    "getmerge": FsCommand(
        _merge,
        "[-nl] [-skip-empty-file] <src> <localdst>",
        "Write the files of a directory, by name, into one file of this machine. -nl a line "
        "break behind each; -skip-empty-file none for empty ones.",
        flags=("nl", "skip-empty-file"),
        least=2,
    ),
    "appendToFile": FsCommand(
        _append,
        "[-n] <localsrc> ... <dst>",
        "Write files of this machine, or '-' for what is piped in, behind what a file has.",
        flags=("n",),
    ),
}
