"""Programs as people write them, and what PySpark prints when it runs them.

``tests/oracle/record_programs.py`` records the answers.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

import pyrite

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location(
    "record_programs", HERE.parent / "oracle" / "record_programs.py"
)
assert _spec is not None
assert _spec.loader is not None
record_programs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(record_programs)

PROGRAMS = sorted(path for path in HERE.glob("*.py") if not path.stem.startswith("test_"))


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    assert pyrite.__version__  # it is its import that gives sessions their engine
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("programs"))
        session = SparkSession.builder.master("local[2]").appName("programs").getOrCreate()
        session.conf.set("spark.sql.session.timeZone", record_programs.TIME_ZONE)
        yield session
        session.stop()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_prints_what_it_prints_on_pyspark(
    program: Path, spark: SparkSession, tmp_path: Path
) -> None:
    recorded = record_programs.split(program.with_suffix(".txt").read_text("utf-8"))
    printed = record_programs.run(program, spark, str(tmp_path))

    assert dict(enumerate(printed)) == dict(enumerate(recorded))
