"""``hadoop fs``: the table of commands, and what becomes of a command line."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence

from pyrite.core.errors import SparkException
from pyrite.deploy.hadoop_fs import amounts, changing, contents, copying, listing
from pyrite.deploy.hadoop_fs.command import FsCommand, FsError, Misused
from pyrite.deploy.hadoop_fs.items import Items
from pyrite.deploy.hadoop_fs.session import Session

__all__ = ["COMMANDS", "run"]

#: Every command, by its name without the dash.
COMMANDS: Mapping[str, FsCommand] = dict(
    sorted(
        {
            **listing.COMMANDS,
            **amounts.COMMANDS,
            **contents.COMMANDS,
            **copying.COMMANDS,
            **changing.COMMANDS,
        }.items()
    )
)

#: Old names -> what to write instead.
_DEPRECATED = {"lsr": ("ls", "-R"), "dus": ("du", "-s"), "rmr": ("rm", "-r")}

_MISUSED = 255


def run(words: Sequence[str], default_fs: str | None = None) -> int:
    """Do one command.

    Args:
        words: The command's name with its dash, and what follows it.
        default_fs: The file system of paths without a scheme; None for local files.

    Returns:
        The exit code: 0, 1 if something failed, 255 if the command line means nothing.
    """
    if not words:
        _complain("No command was given.", *_all_usages())
        return _MISUSED
    name, rest = words[0].removeprefix("-"), list(words[1:])
    if words[0] in ("-help", "--help", "-h"):
        return _help(rest)
    if words[0] == "-usage":
        return _usage(rest)
    if name in _DEPRECATED and words[0].startswith("-"):
        instead = " ".join(_DEPRECATED[name])
        old = "-rm -r" if name == "rmr" else instead
        print(f"{name}: DEPRECATED: Please use '{old}' instead.", file=sys.stderr)
        name, rest = _DEPRECATED[name][0], [_DEPRECATED[name][1], *rest]
        return _do(name, rest, words[0].removeprefix("-"), default_fs)
    if name not in COMMANDS or not words[0].startswith("-"):
        return _unknown(words[0])
    return _do(name, rest, name, default_fs)


def _do(name: str, words: list[str], called: str, default_fs: str | None) -> int:
    session = Session(called, Items(default_fs))
    try:
        options, arguments = COMMANDS[name].parse(words)
        COMMANDS[name].run(session, options, arguments)
        session.out.flush()
    except Misused as error:
        _complain(f"-{called}: {error}", _usage_of(name))
        return _MISUSED
    except BrokenPipeError:
        _forget_output()
        return 1
    except (FsError, SparkException, OSError) as error:
        session.fail(str(error))
    except KeyboardInterrupt:
        return 130
    return int(session.failed)


def _forget_output() -> None:
    """Keep Python from another complaint at its end about a reader that left."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unknown(word: str) -> int:
    lines = [f"{word}: Unknown command"]
    if word in COMMANDS:
        lines.append(f"Did you mean -{word}?  This command begins with a dash.")
    else:
        near = difflib.get_close_matches(word.removeprefix("-"), COMMANDS, n=1)
        lines += [f"Did you mean -{each}?" for each in near]
    lines.append("The commands: " + " ".join(f"-{name}" for name in COMMANDS))
    lines.append("'hadoop fs -help COMMAND' tells what one does.")
    _complain(*lines)
    return _MISUSED


def _usage_of(name: str) -> str:
    return f"Usage: hadoop fs [generic options] -{name} {COMMANDS[name].usage}"


def _all_usages() -> list[str]:
    return [
        "Usage: hadoop fs [generic options]",
        *(f"\t[-{name} {command.usage}]" for name, command in COMMANDS.items()),
        "\t[-help [cmd ...]]",
        "\t[-usage [cmd ...]]",
        "",
        "Generic options, before the command:",
        "  -fs URI             the file system of paths without a scheme",
        "  -D fs.defaultFS=URI the same",
        "  -conf FILE          settings as XML, with properties of name and value",
    ]


def _usage(names: list[str]) -> int:
    lines = [_usage_of(name) for name in map(_bare, names) if name in COMMANDS]
    print("\n".join(lines if names else _all_usages()))
    return _tell_unknown("usage", names)


def _help(names: list[str]) -> int:
    if not names:
        print("\n".join(_all_usages()) + "\n")
    for name, command in COMMANDS.items():
        if not names or name in map(_bare, names):
            print(f"-{name} {command.usage} :")
            for paragraph in command.help.split("\n"):
                print(textwrap.fill(paragraph, 90, initial_indent="  ", subsequent_indent="  "))
            print()
    return _tell_unknown("help", names)


def _bare(name: str) -> str:
    return name.removeprefix("-")


def _tell_unknown(command: str, names: list[str]) -> int:
    unknown = [name for name in names if _bare(name) not in COMMANDS]
    for name in unknown:
        _complain(f"-{command}: `{name}': Unknown command")
    return _MISUSED if unknown else 0


def _complain(*lines: str) -> None:
    print("\n".join(lines), file=sys.stderr)
