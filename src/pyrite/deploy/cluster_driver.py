"""The driver of a program that was submitted with ``--deploy-mode cluster``.

The cluster runs this module in the folder that ``cluster_package`` filled.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from pyrite.deploy import launch_settings
from pyrite.deploy.application import add_python_files, run_application
from pyrite.deploy.cluster_package import unpack
from pyrite.deploy.supervise import run_child, supervise

__all__ = ["main"]

_ONCE = "--once"
#: Where Ray tells drivers of the runtime environment that their processes are to have.
_JOB_CONFIG = "RAY_JOB_CONFIG_JSON_ENV_VAR"


def main() -> int:
    """Run the program, and return its exit code."""
    submission = unpack(Path.cwd())
    _keep_folder()
    if submission.supervise and _ONCE not in sys.argv:
        command = [sys.executable, "-u", "-m", __spec__.name, _ONCE]
        return supervise(lambda: run_child(command), lambda line: print(line, file=sys.stderr))
    settings = submission.settings
    add_python_files([path for path in settings.get("spark.submit.pyFiles", "").split(",") if path])
    launch_settings.announce(settings)
    return run_application(
        submission.application, submission.arguments, show_engine=submission.show_engine
    )


def _keep_folder() -> None:
    """Keep the folder to drivers.

    Executors get what they need from the SparkContext, and start sooner without the folder; and
    Ray removes it when the first driver that shares it has ended.
    """
    if text := os.environ.get(_JOB_CONFIG):
        config = json.loads(text)
        config.get("runtime_env", {}).pop("working_dir", None)
        os.environ[_JOB_CONFIG] = json.dumps(config)


if __name__ == "__main__":
    sys.exit(main())
