"""What can only be seen in a process of its own: imports and a disk that is really full."""

import os
import subprocess
import sys
import textwrap

PRELUDE = """
import operator, os, resource, sys
from pyrite.core.shuffle import *
from pyrite.core.shuffle.memory import MemoryMeter
directory = sys.argv[1]
def run(records, limit=1 << 40):
    handle = ShuffleHandle(0, 1, Partitioner(2), Aggregator.reduce(operator.add), True)
    status = ShuffleWriter(handle, 0, directory, "e", limit, directory).write(records)
    return list(ShuffleReader(handle, [status], 0, 2, 1 << 40, directory).read())
"""


def run_program(program, directory):
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + textwrap.dedent(program), str(directory)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    return answer.stdout


def test_small_shuffles_import_no_numpy_and_large_ones_no_pandas(tmp_path):
    program = """
        assert len(run([(i, 1) for i in range(1000)])) == 1000
        assert not {"numpy", "pyarrow", "pandas"} & set(sys.modules)
        assert len(run([(i * 1234577, 1) for i in range(50_000)])) == 50_000
        assert "pyarrow" in sys.modules
        assert "pandas" not in sys.modules
        """
    run_program(program, tmp_path)


def test_a_disk_that_fills_up_is_one_clear_error_and_leaves_nothing(tmp_path):
    program = """
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        records = [("some longer key %d" % i, i) for i in range(60_000)]
        for spills in (False, True):
            MemoryMeter.exceeded = lambda self: spills
            try:
                run(records)
            except OSError as error:
                print(error)
            assert os.listdir(directory) == []
        """
    lines = run_program(program, tmp_path).splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "spark.local.dir" in line
        assert str(tmp_path) in line
