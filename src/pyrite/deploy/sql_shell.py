"""The SQL shell: reads statements from a prompt, a file or the command line, prints their rows.

Rows go to the output, tab-separated, so that scripts can read them; times, errors and prompts
do not: they go to the error stream, or to the terminal.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from pyrite.deploy.sql_statements import split_statements

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql.types import StructType

__all__ = ["SqlShell", "SqlShellOptions", "run_sql_shell"]

_HISTORY = "~/.pyrite_sql_history"
_HISTORY_LINES = 10_000
_PRINT_HEADER = "spark.sql.cli.print.header"
_LEAVE = {"quit", "exit"}
#: The width to which Spark fills the columns of DESCRIBE.
_DESCRIBE_WIDTH = 20


@dataclass(frozen=True)
class SqlShellOptions:
    """What the shell is asked to do.

    Attributes:
        statements: Texts to run; the shell then ends.
        file: A file to run; the shell then ends.
        initial_file: A file to run before all else.
        database: The database to start in.
        silent: Whether to keep times and greetings to itself.
        echo: Whether to show each statement before it runs.
        variables: Settings of the session, which statements also find as ``${name}``.
    """

    statements: tuple[str, ...] = ()
    file: str | None = None
    initial_file: str | None = None
    database: str | None = None
    silent: bool = False
    echo: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


def run_sql_shell(options: SqlShellOptions) -> int:
    """Start a session from the launch settings, run what is asked for, and stop it.

    Returns:
        0; 1 if a statement of ``--execute`` or of a file failed; 130 after Ctrl-C.
    """
    from pyspark.sql import SparkSession

    spark: Any = SparkSession.builder.enableHiveSupport().getOrCreate()
    try:
        return SqlShell(spark, options).run()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # whoever read the rows has enough of them
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        spark.stop()


class SqlShell:
    """One run of the shell.

    Args:
        spark: The session.
        options: What to do.
        output: Where rows go.
        messages: Where all else goes.
    """

    def __init__(
        self,
        spark: Any,
        options: SqlShellOptions,
        output: TextIO | None = None,
        messages: TextIO | None = None,
    ) -> None:
        self._spark = spark
        self._options = options
        self._output = output or sys.stdout
        self._messages = messages or sys.stderr

    def run(self) -> int:
        """Do what the options say, and return the exit code."""
        options = self._options
        try:
            for name, value in options.variables.items():
                self._spark.conf.set(name, value)
        except Exception as error:
            self._say(str(error).rstrip())
            return 1
        beginning = [f"USE `{options.database}`"] if options.database else []
        if not all(self._execute(statement) for statement in beginning):
            return 1
        if options.initial_file is not None and not self._run_file(options.initial_file):
            return 1
        if options.statements:
            return 0 if all(self._run_text(text) for text in options.statements) else 1
        if options.file is not None:
            return 0 if self._run_file(options.file) else 1
        if not sys.stdin.isatty():
            self._run_text(sys.stdin.read(), go_on=True)
            return 0
        self._talk()
        return 0

    # ------------------------------------------------------------------------ where text is from

    def _run_file(self, path: str) -> bool:
        try:
            with open(os.path.expanduser(path), encoding="utf-8") as file:
                return self._run_text(file.read())
        except (OSError, UnicodeDecodeError) as error:
            self._say(f"Failed to read '{path}': {error}")
            return False

    def _run_text(self, text: str, go_on: bool = False) -> bool:
        """Run statements up to the first that fails; the last needs no semicolon.

        Args:
            text: The statements.
            go_on: Whether to run those after a failure as well.
        """
        statements, rest = split_statements(text)
        for statement in [*statements, *([rest] if rest.strip() else [])]:
            if statement.lower() in _LEAVE:
                break
            if not self._execute(statement) and not go_on:
                return False
        return True

    def _talk(self) -> None:
        """Read statements from the terminal until the user leaves."""
        _use_readline()
        if not self._options.silent:
            self._greet()
        pending = ""
        while True:
            prompt = f"spark-sql ({self._database()})> "
            try:
                line = input("> ".rjust(len(prompt)) if pending else prompt)
            except EOFError:
                print()
                return
            except KeyboardInterrupt:  # forgets what was typed so far
                print()
                pending = ""
                continue
            if not pending and line.strip().rstrip(";").lower() in _LEAVE:
                return
            if not pending and line.lstrip().startswith("!"):
                self._execute(line.strip().rstrip(";"))
                continue
            statements, pending = split_statements(f"{pending}{line}\n")
            for statement in statements:
                if statement.lower() in _LEAVE:
                    return
                self._execute(statement)

    def _greet(self) -> None:
        context = self._spark.sparkContext
        ui = f" Its status is shown at {context.uiWebUrl}." if context.uiWebUrl else ""
        print(
            f"Spark master: {context.master}, Application Id: {context.applicationId}.{ui}\n"
            "End a statement with ';', leave with 'quit'. Try: SELECT * FROM range(3);"
        )

    def _database(self) -> str:
        try:
            return str(self._spark.catalog.currentDatabase())
        except Exception:  # a prompt must come whatever happened
            return "default"

    # ---------------------------------------------------------------------------- one statement

    def _execute(self, statement: str) -> bool:
        """Run a statement, or one of the shell's own commands; say whether it worked."""
        if statement.startswith("!"):
            return subprocess.run(statement[1:], shell=True, check=False).returncode == 0
        word, _, rest = statement.partition(" ")
        if word.lower() == "source":
            return self._run_file(rest.strip())
        if self._options.echo:
            self._say(statement)
        start = time.perf_counter()
        try:
            rows = self._print_rows(statement)
        except KeyboardInterrupt:
            self._say("The statement was cancelled.")
            if not sys.stdin.isatty():
                raise
            return False
        except BrokenPipeError:
            raise
        except Exception as error:
            self._say(str(error).rstrip())
            return False
        if not self._options.silent:
            fetched = f", Fetched {rows} row(s)" if rows else ""
            self._say(f"Time taken: {time.perf_counter() - start:.3g} seconds{fetched}")
        return True

    def _print_rows(self, statement: str) -> int:
        frame = self._spark.sql(statement)
        schema, table = frame.schema, frame.toArrow()
        show = _SHOWN.get(tuple(schema.names))
        zone = self._spark.conf.get("spark.sql.session.timeZone")
        if schema.names and self._spark.conf.get(_PRINT_HEADER, "false") == "true":
            self._output.write("\t".join(schema.names) + "\n")
        if schema.names:
            for row in _rows(table, schema, zone):
                self._output.write("\t".join(show(row) if show else row) + "\n")
        self._output.flush()
        return int(table.num_rows) if schema.names else 0

    def _say(self, text: str) -> None:
        print(text, file=self._messages, flush=True)


def _rows(table: pa.Table, schema: StructType, time_zone: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows' texts, as many at a time as are in a batch."""
    from pyrite.sql.execution.hive_text import hive_texts

    for batch in table.to_batches():
        columns = [
            hive_texts(column, schema_field.dataType, time_zone)
            for column, schema_field in zip(batch.columns, schema.fields, strict=True)
        ]
        yield from zip(*columns, strict=True)


def _padded(row: tuple[str, ...]) -> tuple[str, ...]:
    name, data_type, comment = row
    shown = (name, data_type, "" if comment == "NULL" else comment)
    return tuple(text.ljust(_DESCRIBE_WIDTH) for text in shown)


def _second(row: tuple[str, ...]) -> tuple[str, ...]:
    return (row[1],)


#: By the columns' names: what is shown of a row, where that is not all of it as it is.
_SHOWN: dict[tuple[str, ...], Callable[[tuple[str, ...]], tuple[str, ...]]] = {
    ("col_name", "data_type", "comment"): _padded,
    ("namespace", "tableName", "isTemporary"): _second,
    ("namespace", "viewName", "isTemporary"): _second,
}


def _use_readline() -> None:
    """Let the prompt be edited, and remember what was typed."""
    try:
        import atexit
        import readline
    except ImportError:  # Windows, and Pythons built without it
        return
    history = os.path.expanduser(_HISTORY)
    if os.path.exists(history):
        readline.read_history_file(history)
    readline.set_history_length(_HISTORY_LINES)
    atexit.register(readline.write_history_file, history)
