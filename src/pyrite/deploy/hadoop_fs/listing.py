"""``-ls``, ``-find``, ``-stat`` and ``-test``: what is there."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.core.hadoop.input_paths import glob_to_regex
from pyrite.deploy.hadoop_fs.attributes import Attributes, attributes, permissions, when
from pyrite.deploy.hadoop_fs.command import FsCommand, FsError, Misused, Options
from pyrite.deploy.hadoop_fs.items import Item
from pyrite.deploy.hadoop_fs.session import Session
from pyrite.deploy.hadoop_fs.sizes import human

__all__ = ["COMMANDS"]

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a0-\U0010ffff]")


def _list(session: Session, options: Options, paths: list[str]) -> None:
    recursive, plain = "R" in options, "d" in options
    for item in session.named(paths or ["."]):
        with session.going_on():
            if not item.is_directory or plain:
                _show(session, options, [item])
            elif recursive:
                _list_below(session, options, item)
            else:
                entries = _sorted(item.children(), options)
                if entries and "C" not in options:
                    session.line(f"Found {len(entries)} items")
                _show(session, options, entries)


def _list_below(session: Session, options: Options, directory: Item) -> None:
    for entry in _sorted(directory.children(), options):
        _show(session, options, [entry])
        if entry.is_directory:
            with session.going_on():
                _list_below(session, options, entry)


def _sorted(entries: list[Item], options: Options) -> list[Item]:
    """Return entries by name, by time (-t), by size (-S); -r turns the order around."""
    if "t" in options:
        entries = sorted(entries, key=lambda entry: -_time(entry.found, options))
    elif "S" in options:
        entries = sorted(entries, key=lambda entry: -entry.found.length)
    return entries[::-1] if "r" in options else entries


def _time(status: FileStatus, options: Options) -> float:
    return attributes(status).accessed if "u" in options else status.modified


def _show(session: Session, options: Options, items: Sequence[Item]) -> None:
    """Write the line of each; columns are as wide as these lines need."""
    names = [_UNPRINTABLE.sub("?", i.shown) if "q" in options else i.shown for i in items]
    if "C" in options:
        for name in names:
            session.line(name)
        return
    all_attributes = [attributes(item.found) for item in items]
    owner = max((len(each.owner) for each in all_attributes), default=0)
    group = max((len(each.group) for each in all_attributes), default=0)
    sizes = [human(each.size) if "h" in options else str(each.size) for each in all_attributes]
    width = max(10, *map(len, sizes)) if sizes else 10
    for item, name, each, size in zip(items, names, all_attributes, sizes, strict=True):
        copies = "-" if item.is_directory else each.replication
        session.line(
            f"{permissions(each.mode, item.is_directory)} {copies:>3} {each.owner:<{owner}} "
            f"{each.group:<{group}} {size:>{width}} {when(_time(item.found, options))} {name}"
        )


@dataclass(frozen=True, slots=True)
class _Search:
    """An expression of -find.

    Attributes:
        tests: What names must fulfil.
        end: What stands behind each path.
    """

    tests: tuple[Callable[[str], bool], ...]
    end: bytes


def _parse_search(words: Iterable[str]) -> _Search:
    tests: list[Callable[[str], bool]] = []
    end = b"\n"
    rest = iter(words)
    for word in rest:
        if word in ("-name", "-iname"):
            pattern = next(rest, None)
            if pattern is None:
                raise FsError(f"{word} needs a pattern")
            tests.append(_name_test(pattern, ignore_case=word == "-iname"))
        elif word == "-print0":
            end = b"\0"
        elif word not in ("-print", "-and", "-a"):
            raise FsError(f"Unexpected argument: {word}")
    return _Search(tuple(tests), end)


def _name_test(pattern: str, ignore_case: bool) -> Callable[[str], bool]:
    regex = glob_to_regex(pattern)
    if ignore_case:
        regex = re.compile(regex.pattern, re.DOTALL | re.IGNORECASE)
    return lambda name: regex.fullmatch(name) is not None


def _find(session: Session, _: Options, words: list[str]) -> None:
    paths = words[: next((i for i, word in enumerate(words) if word.startswith("-")), len(words))]
    with session.going_on():
        search = _parse_search(words[len(paths) :])
        for root in session.named(paths or ["."]):
            with session.going_on():
                for item in root.walk():
                    if all(test(item.name) for test in search.tests):
                        session.out.write(item.shown.encode(errors="surrogateescape") + search.end)


def _stat(session: Session, _: Options, words: list[str]) -> None:
    layout = words.pop(0) if "%" in words[0] else "%y"
    if not words:
        raise Misused("Not enough arguments: expected 1 but got 0")
    session.each(words, lambda item: session.line(_described(item, layout)))


def _described(item: Item, layout: str) -> str:
    status, details = item.found, attributes(item.found)
    return re.sub(
        "%(.)", lambda match: _field(match[1], item, status, details), layout, flags=re.DOTALL
    )


def _field(letter: str, item: Item, status: FileStatus, details: Attributes) -> str:
    """Return what stands for a letter of -stat's format; an unknown one stands for itself."""
    is_directory = item.is_directory
    values: dict[str, Callable[[], object]] = {
        "a": lambda: f"{details.mode:o}",
        "A": lambda: permissions(details.mode, is_directory)[1:],
        "b": lambda: details.size,
        "F": lambda: "directory" if is_directory else "regular file",
        "g": lambda: details.group,
        "n": lambda: item.name,
        "o": lambda: details.block_size,
        "r": lambda: 0 if is_directory else details.replication,
        "u": lambda: details.owner,
        "x": lambda: _utc(details.accessed),
        "X": lambda: int(details.accessed * 1000),
        "y": lambda: _utc(status.modified),
        "Y": lambda: int(status.modified * 1000),
    }
    return str(values[letter]()) if letter in values else letter


def _utc(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


#: The option of -test -> whether it is fulfilled by something that is there.
_TESTS: dict[str, Callable[[Item], bool]] = {
    "e": lambda item: True,
    "d": lambda item: item.is_directory,
    "f": lambda item: not item.is_directory,
    "s": lambda item: _size(item) > 0,
    "z": lambda item: _size(item) == 0,
    "r": lambda item: bool(attributes(item.found).mode & 0o444),
    "w": lambda item: bool(attributes(item.found).mode & 0o222),
}


def _size(item: Item) -> int:
    return attributes(item.found).size


def _test(session: Session, options: Options, paths: list[str]) -> None:
    if not options.flags:
        raise Misused("No test flag given")
    (flag,) = options.flags if len(options.flags) == 1 else ("",)
    if not flag:
        raise Misused("Only one test flag is allowed")
    for path in paths:
        with session.going_on():
            for item in session.items.names(path):
                if not item.exists or not _TESTS[flag](item):
                    session.failed = True


COMMANDS = {
    "ls": FsCommand(
        _list,
        "[-C] [-d] [-h] [-q] [-R] [-t] [-S] [-r] [-u] [<path> ...]",
        "List files, and what is in directories. Columns: permissions, copies ('-' for a "
        "directory), owner, group, bytes, time of the last change, path.\n"
        "-C paths only; -d directories themselves; -h sizes for people; -q '?' for characters "
        "that cannot be printed; -R everything below; -t newest first; -S largest first; "
        "-r the other way around; -u by the time of the last access.",
        flags=("C", "d", "h", "q", "R", "t", "S", "r", "u"),
        least=0,
    ),
    "find": FsCommand(
        _find,
        "<path> ... <expression> ...",
        "List everything below the paths that fulfils the expression: -name GLOB, -iname GLOB "
        "(upper and lower case alike), -print0 (a zero byte behind each path), -and.",
        least=0,
    ),
    "stat": FsCommand(
        _stat,
        "[format] <path> ...",
        "Describe files. In the format %a %A permissions, %b bytes, %F its kind, %g group, "
        "%n name, %o block size, %r copies, %u owner, %x %X last access, %y %Y last change "
        "(lower case: a date in UTC; upper case: milliseconds). Without a format: %y.",
    ),
    "test": FsCommand(
        _test,
        "-[defswrz] <path>",
        "Answer by the exit code, 0 for yes: -e it is there, -d a directory, -f a file, "
        "-s not empty, -z of no bytes, -r readable, -w writable.",
        flags=tuple(_TESTS),
    ),
}
