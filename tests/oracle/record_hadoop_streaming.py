"""Record what Hadoop Streaming makes of the jobs in ``tests/hadoop_streaming``, for a test.

Needs a Java, and on the class path the jars hadoop-client-api, hadoop-client-runtime and
hadoop-streaming with a logger that writes to the console. Run from the repository's root::

    python tests/oracle/record_hadoop_streaming.py 'jars/*'            # jobs not yet recorded
    python tests/oracle/record_hadoop_streaming.py 'jars/*' gzip bom   # those with this in a name
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

JOBS_FOLDER = Path(__file__).parents[1] / "hadoop_streaming"
RECORDED = JOBS_FOLDER / "recorded.json"
_PROGRAM = Path(__file__).with_name("HadoopStreamingJobs.java")

#: What Hadoop counts of a job's records, which is the same wherever it runs.
FRAMEWORK = "Map-Reduce Framework"
COUNTED = {
    "Map input records",
    "Map output records",
    "Combine input records",
    "Combine output records",
    "Reduce input groups",
    "Reduce input records",
    "Reduce output records",
}
#: Groups of the machine rather than of the job.
_LEFT_OUT = {
    "File System Counters",
    "Shuffle Errors",
    "File Input Format Counters",
    "File Output Format Counters",
}


def load_jobs() -> Any:
    """Import ``tests/hadoop_streaming/jobs.py``, which is in no package."""
    spec = importlib.util.spec_from_file_location("hadoop_streaming_jobs", JOBS_FOLDER / "jobs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Write a job's files."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if path.suffix in (".sh", ".py"):
            path.chmod(0o755)


def words_of(options: str, folder: Path, output: Path, first: Path) -> list[str]:
    """Return the words of a command line: what is in single quotes or backticks is one."""
    text = options.replace("{d}", str(folder)).replace("{first}", str(first))
    words = [max(found) for found in re.findall(r"`([^`]*)`|'([^']*)'|([^\s'`]+)", text)]
    if "-input" not in words:
        words += ["-input", str(folder / "in")]
    return [*words, "-output", str(output)]


def files_in(output: Path, folder: Path) -> dict[str, str]:
    """Return what is in an output directory, by name, as Latin-1; the folder is called $DIR."""
    return {
        path.name: path.read_bytes().decode("latin-1").replace(str(folder), "$DIR")
        for path in sorted(output.glob("*"))
        if not path.name.endswith(".crc") and path.is_file()
    }


def counters_in(groups: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return the counters that are the job's, of which some are above 0."""
    kept: dict[str, dict[str, int]] = {}
    for group, names in groups.items():
        wanted = {
            name: amount
            for name, amount in names.items()
            if amount and (group != FRAMEWORK or name in COUNTED)
        }
        if wanted and group not in _LEFT_OUT:
            kept[group] = wanted
    return kept


def _parsed(log: str) -> dict[str, dict[str, int]]:
    """Read the last counters of a log."""
    groups: dict[str, dict[str, int]] = {}
    names: dict[str, int] = {}
    _, _, text = log.rpartition("INFO mapreduce.Job: Counters: ")
    for line in text.splitlines()[1:]:
        if line.startswith("\t\t"):
            name, _, amount = line.strip().rpartition("=")
            names[name] = int(amount)
        elif line.startswith("\t"):
            names = groups.setdefault(line.strip(), {})
        else:
            break
    return groups


class _Hadoop:
    """Hadoop's local job runner, in a process that runs job after job."""

    def __init__(self, class_path: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["java", "-Xmx500m", "-cp", class_path, str(_PROGRAM), str(folder / "hadoop")],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def run(self, words: Iterable[str]) -> tuple[int, str]:
        """Run a job, and return its exit code and log."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\t".join(words).encode() + b"\n")
        self._process.stdin.flush()
        log = []
        for line in self._process.stdout:
            text = line.decode("latin-1")
            if text.startswith("exit "):
                return int(text.removeprefix("exit ")), "".join(log)
            log.append(text)
        raise RuntimeError("Java has ended:\n" + "".join(log))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()


def _record(hadoop: _Hadoop, job: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top, "files")
        folder.mkdir()
        lay_out(job.files, folder)
        outputs = [Path(top, "first"), Path(top, "second")]
        for options, output in zip(job.steps, outputs, strict=False):
            code, log = hadoop.run(words_of(options, folder, output, outputs[0]))
            if code:
                print("\n".join(re.findall(r".*(?:Exception|Error):.*", log)[-2:]))
                return {"exit code": code}
            last = output
        return {"files": files_in(last, folder), "counters": counters_in(_parsed(log))}


def main(class_path: str, wanted: Iterable[str]) -> None:
    """Record the jobs with one of these texts in their names; without any, the new ones."""
    jobs = load_jobs().JOBS
    names = [job.name for job in jobs]
    assert len(names) == len(set(names)), "two jobs have one name"
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        hadoop = _Hadoop(class_path, Path(folder))
        try:
            for job in jobs:
                if any(
                    text in job.name for text in wanted or [job.name] * (job.name not in recorded)
                ):
                    recorded[job.name] = _record(hadoop, job)
                    print(job.name, "->", str(recorded[job.name])[:150], flush=True)
        finally:
            hadoop.close()
            kept = {name: recorded[name] for name in names if name in recorded}
            RECORDED.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
