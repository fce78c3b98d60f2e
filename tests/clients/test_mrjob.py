"""mrjob's jobs through our ``hadoop``: mrjob knows nothing of Pyrite, nor Pyrite of mrjob."""

import json
import os
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent

TEXT = (
    "the quick brown fox and the lazy dog\n"
    "The end of the lazy fox, quick quick\n"
    "\n"
    "Don't be lazy; quick!\n"
)

pytestmark = pytest.mark.slow


@pytest.fixture
def run(mrjob_python, commands, tmp_path):
    """Run a job; return what it wrote and what it said."""
    for name, content in {"in.txt": TEXT, "more.txt": "fox fox\n"}.items():
        (tmp_path / name).write_text(content)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("HADOOP", "PYTHON"))},
        # mrjob's tasks run the python3 that is first here.
        "PATH": os.pathsep.join([str(mrjob_python.parent), str(commands), os.environ["PATH"]]),
        "PYRITE_HDFS_DIR": str(tmp_path / "hdfs"),
        "PYTHONWARNINGS": "ignore",
    }

    def run_job(*words, check=True, runner="hadoop"):
        script = [str(word) for word in words]
        if script[0].startswith("mrjob."):
            script[:1] = ["-m", script[0]]
        done = subprocess.run(
            [str(mrjob_python), *script, "-r", runner],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run_job


def words_of(line):
    key, value = line.split("\t")
    return json.loads(key), json.loads(value)


def test_word_count(run, tmp_path):
    done = run("mrjob.examples.mr_word_freq_count", "in.txt", "more.txt")
    counts = dict(map(words_of, done.stdout.splitlines()))
    assert counts == {
        "the": 4, "quick": 4, "brown": 1, "fox": 4, "and": 1, "lazy": 3, "dog": 1, "end": 1,
        "of": 1, "don't": 1, "be": 1,
    }  # fmt: skip
    assert "Found Hadoop streaming jar: " in done.stderr
    assert "Running job: job_" in done.stderr
    assert "map 100% reduce 100%" in done.stderr
    assert "Counters: " in done.stderr
    # What it put there is gone again.
    assert [path for path in (tmp_path / "hdfs").rglob("*") if path.is_file()] == []


def test_the_most_used_word_of_two_steps(run):
    done = run("mrjob.examples.mr_most_used_word", "in.txt")
    assert json.loads(done.stdout) == "quick"
    assert "Running step 2 of 2" in done.stderr


@pytest.mark.parametrize("name", ["mr_wc", "mr_next_word_stats", "mr_count_lines_right"])
def test_examples_of_mrjob_answer_as_in_its_own_runner(run, name):
    inline, ours = (
        run(f"mrjob.examples.{name}", "in.txt", "more.txt", runner=runner).stdout.splitlines()
        for runner in ("inline", "hadoop")
    )
    assert sorted(ours) == sorted(inline)
    assert ours


def test_sorted_values_files_counters_and_several_reducers(run, tmp_path):
    (tmp_path / "robots").write_text("bot crawler\n")
    visits = [
        "ann 30 /c",
        "bot 01 /",
        "bob 09 /x",
        "ann 04 /a",
        "ann 20 /b",
        "crawler 02 /",
        "bob 10 /",
    ]
    (tmp_path / "visits").write_text("".join(f"{visit}\n" for visit in visits))
    done = run(
        HERE / "mr_visits.py",
        "visits",
        "--robots=robots",
        "--jobconf=mapreduce.job.reduces=3",
        "--output-dir=hdfs:///seen",
        "--cat-output",
        "--cleanup=NONE",
    )
    seen = dict(map(words_of, done.stdout.splitlines()))
    assert seen == {"ann": ["/a", "/b", "/c"], "bob": ["/x", "/"]}
    # mrjob itself writes a semicolon, since a comma ends a name.
    assert "of people; 1st class=10" in done.stderr
    assert "of robots=2" in done.stderr
    parts = sorted(path.name for path in (tmp_path / "hdfs/seen").iterdir())
    assert parts == ["_SUCCESS", "part-00000", "part-00001", "part-00002"]
    assert any(path.name == "mrjob.zip" for path in (tmp_path / "hdfs/user").rglob("*"))


def test_input_in_hdfs_and_the_jar_by_its_name(run, commands, tmp_path):
    (tmp_path / "hdfs/books").mkdir(parents=True)
    (tmp_path / "hdfs/books/a.txt").write_text("a b\n")
    (tmp_path / "hdfs/books/b.txt").write_text("b c\n")
    done = run(
        "mrjob.examples.mr_word_freq_count",
        "hdfs:///books/*.txt",
        f"--hadoop-bin={commands / 'hadoop'}",
        "--hadoop-streaming-jar=hadoop-streaming.jar",
    )
    assert dict(map(words_of, done.stdout.splitlines())) == {"a": 1, "b": 2, "c": 1}


def test_a_failing_step_is_told_with_its_cause(run):
    done = run(HERE / "mr_broken.py", "in.txt", check=False)
    assert done.returncode == 1
    assert "Step 2 of 2 failed" in done.stderr
    assert "Probable cause of failure" in done.stderr
    assert "ValueError: no line may have 0 characters" in done.stderr
