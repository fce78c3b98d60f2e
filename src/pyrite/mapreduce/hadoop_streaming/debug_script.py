"""The script of ``-mapdebug`` and ``-reducedebug``, which looks at an attempt that has failed.

Hadoop runs it in the attempt's directory with the names of four files: what the attempt wrote to
stdout and stderr, the framework's own log of it, and the job's properties. Here stdout is empty,
since all of that was the task's output, and the log is the error.
"""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

from pyrite.mapreduce.hadoop_streaming.child_process import ChildProcess, StreamTaskError
from pyrite.mapreduce.hadoop_streaming.job_conf import DEFAULTS, JobConf
from pyrite.mapreduce.hadoop_streaming.stream_job import split_command
from pyrite.mapreduce.hadoop_streaming.working_directory import WorkingDirectory

__all__ = ["run_debug_script"]

#: So many seconds it may be silent.
_PATIENCE = 60.0
#: How much of what it says is part of the error.
_TAIL_CHARACTERS = 4000


def run_debug_script(
    script: str,
    failed: ChildProcess,
    error: StreamTaskError,
    directory: WorkingDirectory,
    conf: JobConf,
    log: Callable[[bytes], None] = lambda line: None,
) -> StreamTaskError:
    """Run the script after a failure.

    Args:
        script: The command line of the script.
        failed: The command that failed.
        error: How it failed.
        directory: Where it ran.
        conf: The job's properties.
        log: Called with each line that the script writes to stderr.

    Returns:
        The error, with the end of what the script had to say.
    """
    contents = {
        "stdout": "",
        "stderr": error.stderr_tail,
        "syslog": str(error),
        "job.xml": _xml(conf),
    }
    paths = []
    for name, text in contents.items():
        paths.append(os.path.join(directory.temporary, name))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write(text)
    command = (*split_command(script), *paths)
    try:
        with ChildProcess(
            command, env=failed.env, cwd=failed.cwd, timeout=_PATIENCE, log=log
        ) as child:
            said = b"".join(child.run(())).decode("utf-8", "replace")
    except StreamTaskError as failure:
        said = f"It failed: {failure}"
    text = f"{error}\nThe debug script says:\n{said.rstrip()[-_TAIL_CHARACTERS:]}"
    return StreamTaskError(text, error.exit_code, error.stderr_tail)


def _xml(conf: JobConf) -> str:
    """Return the properties as one of Hadoop's configuration files."""
    root = ElementTree.Element("configuration")
    for name in dict.fromkeys((*DEFAULTS, *conf)):
        entry = ElementTree.SubElement(root, "property")
        ElementTree.SubElement(entry, "name").text = name
        ElementTree.SubElement(entry, "value").text = conf[name]
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode")
