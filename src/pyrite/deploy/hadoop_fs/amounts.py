"""``-du``, ``-df`` and ``-count``: how much there is."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from pyrite.deploy.hadoop_fs.attributes import local_path
from pyrite.deploy.hadoop_fs.command import FsCommand, Options
from pyrite.deploy.hadoop_fs.items import Item
from pyrite.deploy.hadoop_fs.session import Session
from pyrite.deploy.hadoop_fs.sizes import human, table

__all__ = ["COMMANDS"]

#: What stands in the columns of quotas, which nothing here has.
_NO_QUOTAS = f"{'none':>12} {'inf':>15} {'none':>15} {'inf':>15}"
_QUOTA_HEADS = f"{'QUOTA':>12} {'REM_QUOTA':>15} {'SPACE_QUOTA':>15} {'REM_SPACE_QUOTA':>15}"


def _amount(options: Options) -> Callable[[int], str]:
    return human if "h" in options else str


def _bytes_below(item: Item) -> int:
    return sum(each.found.length for each in item.walk())


def _disk_usage(session: Session, options: Options, paths: list[str]) -> None:
    amount = _amount(options)
    rows: list[tuple[str, str, str]] = []
    for item in session.named(paths or ["."]):
        with session.going_on():
            summed = "s" in options or not item.is_directory
            for each in [item] if summed else item.children():
                size = amount(_bytes_below(each))
                rows.append((size, size, each.shown))
    if rows and "v" in options:
        rows.insert(0, ("SIZE", "DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS", "FULL_PATH_NAME"))
    for line in table(rows):
        session.line(line)


def _disk_free(session: Session, options: Options, paths: list[str]) -> None:
    amount = _amount(options)
    rows = [("Filesystem", "Size", "Used", "Available", "Use%")]
    for item in session.named(paths or ["/"]):
        with session.going_on():
            usage = shutil.disk_usage(local_path(item, "-df"))
            share = round(100 * usage.used / usage.total) if usage.total else 0
            rows.append(
                (
                    "hdfs:///" if item.shown.startswith("hdfs:") else "file:///",
                    amount(usage.total),
                    amount(usage.used),
                    amount(usage.total - usage.used),
                    f"{share}%",
                )
            )
    if len(rows) > 1:
        for line in table(rows, right=range(1, 5)):
            session.line(line)


def _count(session: Session, options: Options, paths: list[str]) -> None:
    quotas, only_quotas = "q" in options or "u" in options, "u" in options
    if "v" in options:
        heads = [_QUOTA_HEADS] if quotas else []
        if not only_quotas:
            heads.append(f"{'DIR_COUNT':>12} {'FILE_COUNT':>12} {'CONTENT_SIZE':>18}")
        session.line(" ".join([*heads, "PATHNAME"]))
    amount = _amount(options)

    def count(item: Item) -> None:
        columns = [_NO_QUOTAS] if quotas else []
        if not only_quotas:
            all_items = list(item.walk())
            directories = sum(each.is_directory for each in all_items)
            size = sum(each.found.length for each in all_items)
            columns.append(
                f"{directories:>12} {len(all_items) - directories:>12} {amount(size):>18}"
            )
        session.line(" ".join([*columns, item.shown]))

    session.each(paths, count)


COMMANDS = {
    "du": FsCommand(
        _disk_usage,
        "[-s] [-h] [-v] [-x] <path> ...",
        "Tell how many bytes files have, and what is in directories; the second column counts "
        "every copy. -s one line for each path; -h sizes for people; -v names of the columns; "
        "-x is accepted.",
        flags=("s", "h", "v", "x"),
        least=0,
    ),
    "df": FsCommand(
        _disk_free,
        "[-h] [<path> ...]",
        "Tell how large and how full the disk of a path is; -h for people.",
        flags=("h",),
        least=0,
    ),
    "count": FsCommand(
        _count,
        "[-q] [-h] [-v] [-u] [-x] <path> ...",
        "Count what is below paths: directories, files, bytes. -q quotas too (there are none); "
        "-u only quotas; -h sizes for people; -v names of the columns; -x is accepted.",
        flags=("q", "h", "v", "u", "x"),
    ),
}
