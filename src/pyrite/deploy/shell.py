"""An interactive session: greets with ``spark`` and ``sc`` ready.

IPython when it is installed and someone sits at a terminal, else Python's own console with
history and completion. ``PYTHONSTARTUP`` is honoured by both.
"""

from __future__ import annotations

import code
import os
import platform
import sys
import traceback
from pathlib import Path
from typing import Any

from pyrite import __version__
from pyrite.deploy.application import become_main

__all__ = ["run_shell"]

_HISTORY = "~/.pyrite_history"
_HISTORY_LINES = 10_000


def run_shell() -> int:
    """Make a SparkSession from the launch settings, talk until the user leaves, and stop it."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    main = become_main(None)
    if not sys.flags.safe_path:
        sys.path[0] = ""
    spark: Any = SparkSession.builder.getOrCreate()
    sc = spark.sparkContext
    names = {"spark": spark, "sql": spark.sql, "sc": sc}
    try:
        main.__dict__.update(names, SparkSession=SparkSession, SparkContext=SparkContext)
        _talk(main.__dict__, _greeting(sc))
    finally:
        spark.stop()
    return 0


def _greeting(sc: Any) -> str:
    ui = f"Its status is shown at {sc.uiWebUrl}.\n" if sc.uiWebUrl else ""
    return (
        f"Welcome to Pyrite {__version__}: PySpark {sc.version} on Python "
        f"{platform.python_version()}.\n{ui}"
        "Your SparkSession is 'spark', its SparkContext "
        f"'sc' (master = {sc.master}, app id = {sc.applicationId}).\n"
        "Try: spark.range(1000).selectExpr('sum(id * id)').show()\n"
        "     sc.range(1000).map(lambda n: n * n).sum()"
    )


def _talk(namespace: dict[str, Any], greeting: str) -> None:
    if sys.stdin.isatty():
        try:
            import IPython
        except ImportError:
            _use_readline(namespace)
        else:
            print(greeting)
            IPython.start_ipython(argv=["--no-banner"], user_ns=namespace)  # runs PYTHONSTARTUP
            return
    _run_startup_file(namespace)
    code.interact(banner=greeting, local=namespace, exitmsg="")


def _run_startup_file(namespace: dict[str, Any]) -> None:
    startup = os.environ.get("PYTHONSTARTUP")
    if not startup:
        return
    try:
        exec(compile(Path(startup).read_bytes(), startup, "exec"), namespace)
    except Exception:  # as python does: shown, and the session goes on
        traceback.print_exc()


def _use_readline(namespace: dict[str, Any]) -> None:
    try:
        import atexit
        import readline
        import rlcompleter
    except ImportError:  # Windows, and Pythons built without it
        return
    readline.set_completer(rlcompleter.Completer(namespace).complete)
    readline.parse_and_bind("tab: complete")
    history = os.path.expanduser(_HISTORY)
    if os.path.exists(history):
        readline.read_history_file(history)
    readline.set_history_length(_HISTORY_LINES)
    atexit.register(readline.write_history_file, history)
