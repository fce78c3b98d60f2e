"""Owners, permissions and times of files, as far as their file system has them."""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass

from pyrite.core.hadoop.default_fs import hadoop_user
from pyrite.core.hadoop.filesystem import FileStatus, scheme_of
from pyrite.deploy.hadoop_fs.command import FsError, Misused
from pyrite.deploy.hadoop_fs.items import Item

__all__ = ["Attributes", "attributes", "local_path", "new_mode", "permissions", "when"]

_BLOCK_SIZE = 32 << 20  # of Hadoop's local files
_CLAUSE = re.compile(r"([ugoa]*)([+=-])([rwxXt]*)")
_OCTAL = re.compile(r"[01]?[0-7]{1,4}")
_WHO = {"u": 0o700, "g": 0o070, "o": 0o007}
_WHAT = {"r": 0o444, "w": 0o222, "x": 0o111}


@dataclass(frozen=True, slots=True)
class Attributes:
    """What listings tell of a file besides its length.

    Attributes:
        mode: Its permissions, as the last twelve bits of Unix.
        owner: Whose it is.
        group: The group it belongs to.
        size: Its length; of a local directory what the disk needs for its names.
        accessed: When it was last read, in seconds since 1970.
    """

    mode: int
    owner: str
    group: str
    size: int
    accessed: float
    block_size: int = _BLOCK_SIZE
    replication: int = 1


def attributes(status: FileStatus) -> Attributes:
    """Return the attributes of what is stored; those of an object store are made up, as Hadoop's.

    A file everybody may read and write, that belongs to who asks.
    """
    if scheme_of(status.path) != "file":
        user = hadoop_user()
        mode = 0o777 if status.is_directory else 0o666
        return Attributes(mode, user, user, status.length, status.modified)
    found = os.stat(status.path.removeprefix("file:"))
    return Attributes(
        stat.S_IMODE(found.st_mode),
        _name(pwd.getpwuid, found.st_uid),
        _name(grp.getgrgid, found.st_gid),
        found.st_size,
        found.st_atime,
    )


def _name(look_up: Callable[[int], tuple[object, ...]], number: int) -> str:
    try:
        return str(look_up(number)[0])
    except KeyError:
        return str(number)


def permissions(mode: int, is_directory: bool) -> str:
    """Return permissions as listings show them.

    Example:
        >>> permissions(0o640, False), permissions(0o1777, True)
        ('-rw-r-----', 'drwxrwxrwt')
    """
    kind = stat.S_IFDIR if is_directory else stat.S_IFREG
    return stat.filemode(kind | mode & 0o1777)


def when(seconds: float) -> str:
    """Return a time as listings show it: of this place, to the minute."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def local_path(item: Item, what: str) -> str:
    """Return the path of a file of this machine.

    Args:
        item: The file.
        what: What is asked of it, for the message.

    Raises:
        FsError: If it is elsewhere, where Pyrite cannot do that.
    """
    if scheme_of(item.uri) != "file":
        raise FsError(f"`{item.shown}': {what} is for files of this machine; this one is not")
    return item.uri.removeprefix("file:")


def new_mode(text: str, mode: int, is_directory: bool) -> int:
    """Return what permissions become by a mode as ``-chmod`` takes it.

    Args:
        text: Octal digits, or clauses such as ``u+x,g=r``.
        mode: The permissions before.
        is_directory: Whether they are a directory's, to which ``X`` gives ``x``.

    Raises:
        Misused: If the text is no mode.

    Example:
        >>> oct(new_mode("u+x,g=r", 0o600, False)), oct(new_mode("755", 0, False))
        ('0o740', '0o755')
    """
    if _OCTAL.fullmatch(text):
        return int(text, 8)
    for clause in text.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise Misused(f"chmod : mode '{text}' does not match the expected pattern.")
        who, sign, what = match.groups()
        everybody = not who or "a" in who
        chosen = sum(_WHO.values()) if everybody else sum(_WHO[each] for each in set(who))
        searched = is_directory or bool(mode & 0o111)
        bits = 0
        for letter in what:
            bits |= _WHAT.get(letter, 0o111 if letter == "X" and searched else 0)
        bits &= chosen
        if "t" in what:
            bits |= 0o1000
        if sign == "=":
            mode = mode & ~chosen | bits
        else:
            mode = mode | bits if sign == "+" else mode & ~bits
    return mode
