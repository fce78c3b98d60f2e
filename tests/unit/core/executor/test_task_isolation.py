"""What one task does to its functions, and to the process, another must not notice."""

import subprocess
import sys

PROGRAM = """
from pyrite.core.context import SparkContext

seen = set()
with SparkContext("local[2]") as sc:
    numbers = sc.parallelize([1, 1, 2, 2, 1, 1, 2, 2] * 2, 8)
    print(numbers.filter(lambda n: n not in seen and not seen.add(n)).collect())
    import numpy
    print(sc.parallelize([numpy.arange(2)], 1).map(str).collect())
"""


def test_functions_start_fresh_in_every_task_and_can_import(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-W", "error", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines() == ["[1, 2, 1, 2, 1, 2, 1, 2]", "['[0 1]']"], done.stderr
