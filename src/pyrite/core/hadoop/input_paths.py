"""Input paths: from what a user writes after ``textFile(`` to the files it means.

Hadoop's rules: a comma separates paths (not inside braces); a path may hold a glob; a directory
stands for the files directly in it; names that begin with ``_`` or ``.`` are hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pyrite.core.conf import parse_bool
from pyrite.core.errors import InvalidInputException, SparkException
from pyrite.core.hadoop.default_fs import DEFAULT_FS
from pyrite.core.hadoop.filesystem import FileStatus, FileSystem, file_system, qualify

__all__ = ["glob", "glob_to_regex", "is_glob", "is_hidden", "list_input_files", "split_paths"]

RECURSIVE = "mapreduce.input.fileinputformat.input.dir.recursive"
_GLOB = re.compile(r"[*?\[{\\]")


def split_paths(paths: str) -> list[str]:
    """Split a list of paths at its commas, leaving those inside braces alone.

    Example:
        >>> split_paths("/a/{x,y}.txt,/b")
        ['/a/{x,y}.txt', '/b']
    """
    found, depth, start = [], 0, 0
    for index, char in enumerate(paths):
        depth += (char == "{") - (char == "}")
        if char == "," and depth <= 0:
            found.append(paths[start:index])
            start = index + 1
    found.append(paths[start:])
    return found


def list_input_files(paths: str, conf: Mapping[str, str]) -> list[FileStatus]:
    """Return the files that a user's path expression means, in Spark's order.

    Args:
        paths: One path or several with commas between; each may be a URI and hold a glob.
        conf: Hadoop settings; ``mapreduce.input.fileinputformat.input.dir.recursive`` counts, and
            ``fs.defaultFS`` for paths without a scheme.

    Returns:
        Files in the order of the expression; matches of a glob sorted by path; the content of a
        directory in the storage's own order.

    Raises:
        InvalidInputException: If a path or pattern matches nothing. All of them are named.
        SparkException: If a directory holds a directory and the search is not recursive, or a
            pattern is malformed.
    """
    recursive = parse_bool(conf.get(RECURSIVE, "false"))
    files: list[FileStatus] = []
    problems: list[str] = []
    for path in split_paths(paths):
        uri = qualify(path, conf.get(DEFAULT_FS))
        fs = file_system(uri)
        matches = [status for status in glob(fs, uri) if not is_hidden(status.name)]
        if not matches:
            problems.append(
                f"Input Pattern {uri} matches 0 files"
                if is_glob(uri)
                else f"Input path does not exist: {uri}"
            )
        for status in matches:
            files.extend(_expand(fs, status, recursive))
    if problems:
        raise InvalidInputException("\n".join(problems))
    return files


def is_hidden(name: str) -> bool:
    """Return whether readers pass over files and directories of this name."""
    return name.startswith(("_", "."))


def _expand(fs: FileSystem, status: FileStatus, recursive: bool) -> Iterator[FileStatus]:
    """Yield a file, or the visible files of a directory."""
    if not status.is_directory:
        yield status
        return
    for entry in fs.list_status(status.path):
        if is_hidden(entry.name):
            continue
        if not entry.is_directory:
            yield entry
        elif recursive:
            yield from _expand(fs, entry, recursive)
        else:
            raise SparkException(
                f"Path: {entry.path.removeprefix('file:')} is a directory, which is not supported "
                f"by the record reader when `{RECURSIVE}` is false."
            )


def is_glob(path: str) -> bool:
    """Return whether a path is a pattern, which may name any number of files."""
    return _GLOB.search(path) is not None


def glob(fs: FileSystem, uri: str) -> list[FileStatus]:
    """Return what a URI matches: itself, or the matches of its pattern sorted by path."""
    if not is_glob(uri):
        status = fs.status(uri)
        return [status] if status else []
    found: dict[str, FileStatus] = {}
    for pattern in _expand_slashed_braces(uri):
        root, components = _root_and_components(pattern)
        matches = [FileStatus(root, 0, True)]
        for component in components:
            matches = [
                match
                for parent in matches
                if parent.is_directory
                for match in _match_component(fs, parent.path, component)
            ]
        found.update((match.path, match) for match in matches)
    return [found[path] for path in sorted(found)]


def _root_and_components(uri: str) -> tuple[str, list[str]]:
    scheme, _, rest = uri.partition(":")
    if rest.startswith("//"):
        authority, _, key = rest[2:].partition("/")
        return f"{scheme}://{authority}", key.split("/")
    return f"{scheme}:", rest.strip("/").split("/")


def _match_component(fs: FileSystem, parent: str, component: str) -> list[FileStatus]:
    if not is_glob(component):
        status = fs.status(f"{parent}/{component}")
        return [status] if status else []
    pattern = glob_to_regex(component)
    return [entry for entry in fs.list_status(parent or "/") if pattern.fullmatch(entry.name)]


def _expand_slashed_braces(pattern: str) -> list[str]:
    """Write out alternatives that contain a slash, which no single component can match."""
    for match in re.finditer(r"(?<!\\)\{([^{}]*/[^{}]*)\}", pattern):
        before, after = pattern[: match.start()], pattern[match.end() :]
        return [
            expanded
            for choice in match[1].split(",")
            for expanded in _expand_slashed_braces(before + choice + after)
        ]
    return [pattern]


def glob_to_regex(glob: str) -> re.Pattern[str]:
    r"""Translate one component of a Hadoop glob.

    ``*`` any characters, ``?`` one, ``[a-c]`` one of, ``[^a]`` or ``[!a]`` none of, ``{x,y}``
    either, ``\`` takes the next character as itself.

    Raises:
        SparkException: If a class or group is not closed.

    Example:
        >>> bool(glob_to_regex("part-{0,1}*.[!c]sv").fullmatch("part-0001.tsv"))
        True
    """
    out: list[str] = []
    groups = 0
    position = 0
    while position < len(glob):
        char = glob[position]
        position += 1
        if char == "\\":
            if position == len(glob):
                raise _bad_pattern("An escaped character does not present", glob, position - 1)
            out.append(re.escape(glob[position]))
            position += 1
        elif char == "[":
            close = glob.find("]", position + 1)
            if close < 0:
                raise _bad_pattern("Unclosed character class", glob, len(glob))
            body = glob[position:close]
            negated = body[:1] in ("^", "!")
            chosen = re.sub(r"([\[\]\\^&~|])", r"\\\1", body[negated:])
            out.append(f"[{'^' if negated else ''}{chosen}]")
            position = close + 1
        elif char == "{":
            groups += 1
            out.append("(?:")
        elif char == "}" and groups:
            groups -= 1
            out.append(")")
        elif char == "," and groups:
            out.append("|")
        else:
            out.append({"*": ".*", "?": "."}.get(char) or re.escape(char))
    if groups:
        raise _bad_pattern("Unclosed group", glob, len(glob))
    return re.compile("".join(out), re.DOTALL)


def _bad_pattern(problem: str, glob: str, position: int) -> SparkException:
    return SparkException(
        f"Illegal file pattern: error parsing regexp: {problem} at pos {position}: `{glob}`"
    )
