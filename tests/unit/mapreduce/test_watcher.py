import io

from pyrite.core.context import SparkContext
from pyrite.mapreduce import Job, Mapper, Reducer, Step
from pyrite.mapreduce.console import Console
from pyrite.mapreduce.runners import run_job
from pyrite.mapreduce.watcher import Watcher


class Talks(Mapper):
    def map(self, key, line):
        self.status(f"at {line}")
        self.counter("lines", "seen")
        yield line, 1


def watched(runner, *, live):
    stream = io.StringIO()
    watcher = Watcher(Console(stream, live=live, width=lambda: 200), 2)
    job = Job([Step(Talks, Reducer)])
    run_job(job, (), [(None, "one")], None, runner, watcher=watcher)
    watcher.close()
    watcher.status("too late")
    return stream.getvalue()


def test_the_status_is_a_line_of_a_log(runner):
    assert watched(runner, live=False) == "status: at one\n"


def test_counters_and_stages_are_shown_at_a_terminal(context: SparkContext):
    shown = watched(context, live=True).split("\r")
    assert any("stage 1 of 2" in line for line in shown)
    assert any("stage 2 of 2 100% | lines: seen=1 | at one" in line for line in shown)
    assert shown[-1] == ""
