import sys
from pathlib import Path

import pytest

from benchmarks import data, engines
from benchmarks.catalogue import PROGRAMS, PROGRAMS_FOLDER, Program
from benchmarks.rounds import Run, Settings, run_once

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SCALE = 0.001


def run(name: str, folder: Path, sample: bool = False) -> Run:
    """Run a program at a tiny scale on Pyrite."""
    program = next(program for program in PROGRAMS if program.name == name)
    place = data.prepare(folder, SCALE, program.inputs)
    return run_once(engines.pyrite(), program, Settings(place, SCALE, "local[2]"), sample)


def test_word_count_gives_the_right_result(tmp_path: Path) -> None:
    words = "".join(line + " " for line in data.words(SCALE)).split()
    run_of_it = run("wordcount", tmp_path)
    different, total, (_, most) = run_of_it.result
    assert (different, total) == (len(set(words)), len(words))
    assert most == max(map(words.count, set(words)))
    assert set(run_of_it.costs) == {"wordcount"}
    assert run_of_it.memory == {}


def test_sort_gives_the_right_result_and_its_memory_can_be_sampled(tmp_path: Path) -> None:
    numbers = sorted(map(int, data.numbers(SCALE)))
    run_of_it = run("sort", tmp_path, sample=True)
    assert run_of_it.result == [len(numbers), numbers[:5]]
    assert run_of_it.memory["sort"] > 10_000_000  # more than an interpreter alone has


def test_a_whole_program_is_measured_from_outside(tmp_path: Path) -> None:
    run_of_it = run("startup", tmp_path)
    assert run_of_it.result == str(sum(n * n for n in range(100)))
    assert run_of_it.costs["startup"].cpu > 0


def test_a_program_that_fails_is_reported_with_its_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.py").write_text("def run(sc, case): raise ValueError('no such luck')")
    monkeypatch.setattr("benchmarks.catalogue.PROGRAMS_FOLDER", tmp_path)
    with pytest.raises(engines.CannotRun, match=r"broken failed on Pyrite:[^$]*no such luck"):
        run_once(engines.pyrite(), Program("broken", ""), Settings(tmp_path, 1, "local[2]"))


def test_every_program_is_in_the_catalogue() -> None:
    assert {path.stem for path in PROGRAMS_FOLDER.glob("*.py")} == {p.name for p in PROGRAMS}
