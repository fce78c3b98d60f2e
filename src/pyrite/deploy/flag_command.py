"""A Click command that takes spark-submit's flags, and what was given to it.

Flags may only come before the application; whatever follows it is the application's own.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import click

from pyrite import __version__
from pyrite.deploy.flags import FLAGS
from pyrite.deploy.submit import SubmitArguments

__all__ = [
    "WORDS",
    "FlagCommand",
    "Misused",
    "parse_flags",
    "show_version",
    "submit_arguments",
    "version_text",
]

#: Where a command's context keeps the words of the command line.
WORDS = "pyrite.words"


def version_text() -> str:
    """Return one line naming the versions of Pyrite, PySpark and Python."""
    # Read from the installed package's own file: pyspark is loaded by now.
    from pyspark import __version__ as pyspark_version

    return f"pyrite {__version__} (PySpark {pyspark_version}, Python {platform.python_version()})"


def show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Answer ``--version``, as the callback of that option, and end the command."""
    if wanted:
        click.echo(version_text())
        context.exit()


class Misused(click.UsageError):
    """A mistake in a launcher's command line: it ends with 1 as Spark's do, not with Click's 2."""

    exit_code = 1


class FlagCommand(click.Command):
    """A command that takes spark-submit's flags, and shows them under their headings."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(
            context_settings={
                "allow_interspersed_args": False,
                "help_option_names": ["-h", "--help"],
                "max_content_width": 100,
            },
            **attributes,
        )
        self._own = [each.opts[0] for each in self.params if isinstance(each, click.Option)]
        self.params[:0] = [
            *(
                click.Option(
                    [flag.name],
                    metavar=flag.metavar or None,
                    is_flag=not flag.metavar,
                    help=flag.help,
                )
                for flag in FLAGS
            ),
            click.Option(
                ["--conf", "-c"],
                metavar="KEY=VALUE",
                multiple=True,
                help="Any setting; may be given many times. Flags win over it.",
            ),
            click.Option(
                ["--properties-file"],
                metavar="FILE",
                help="A file of settings, read in place of spark-defaults.conf.",
            ),
            click.Option(
                ["--load-spark-defaults"],
                is_flag=True,
                help="Read spark-defaults.conf as well; the properties file wins.",
            ),
            click.Option(
                ["--verbose", "-v"],
                is_flag=True,
                help="Show the settings, and Pyrite's own lines in tracebacks.",
            ),
            click.Option(
                ["--version"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=show_version,
                help="Show the version and exit.",
            ),
        ]

    def make_context(
        self,
        info_name: Any,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the command line; a mistake in it ends the command with 1, as in Spark."""
        words = tuple(args)
        try:
            context = super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise Misused(error.format_message(), error.ctx) from error
        context.meta[WORDS] = words
        return context

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each flag under its heading."""
        records = {
            parameter.opts[0]: record
            for parameter in self.get_params(context)
            if isinstance(parameter, click.Option)
            and (record := parameter.get_help_record(context)) is not None
        }
        if self._own:
            with formatter.section("This command"):
                formatter.write_dl([records.pop(name) for name in self._own])
        for section, flags in groupby(FLAGS, key=lambda flag: flag.section):
            with formatter.section(section):
                formatter.write_dl([records.pop(flag.name) for flag in flags])
        with formatter.section("Settings and help"):
            formatter.write_dl(list(records.values()))


def submit_arguments(options: Mapping[str, Any]) -> SubmitArguments:
    """Return what was asked for, from the parameters of a ``FlagCommand``."""
    given = {}
    for flag in FLAGS:
        value = options[flag.name.removeprefix("--").replace("-", "_")]
        if value is not None and value is not False:
            given[flag.name] = str(value) if flag.metavar else "true"
    return SubmitArguments(
        given, options["conf"], options["properties_file"], options["load_spark_defaults"]
    )


def parse_flags(words: Sequence[str]) -> SubmitArguments:
    """Read flags from a list of words, as ``PYSPARK_SUBMIT_ARGS`` has them.

    Raises:
        ValueError: If they are not flags of spark-submit.
    """
    command = FlagCommand(name="submit", params=[click.Argument(["words"], nargs=-1)])
    try:
        context = command.make_context("submit", [*words])
    except click.ClickException as error:
        raise ValueError(error.format_message()) from None
    return submit_arguments(context.params)
