"""Properties files, and where the default one is looked for."""

from pathlib import Path

import pytest

from pyrite.deploy.properties import defaults_file, read_properties


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("spark.a 1", {"spark.a": "1"}),
        ("spark.a=1", {"spark.a": "1"}),
        ("  spark.a :  two words  ", {"spark.a": "two words"}),
        ("spark.a = x=y:z", {"spark.a": "x=y:z"}),
        ("spark.a", {"spark.a": ""}),
        ("# spark.a 1\n! spark.b 2\n\nspark.c 3", {"spark.c": "3"}),
        ("spark.a 1\nspark.a 2", {"spark.a": "2"}),
        ("spark.a 1,\\\n   2", {"spark.a": "1,2"}),
        ("spark.a 1\\", {"spark.a": "1"}),
        ("other.a 1", {}),
        ("", {}),
    ],
)
def test_lines(tmp_path: Path, text: str, settings: dict[str, str]) -> None:
    file = tmp_path / "spark.conf"
    file.write_text(text)
    assert read_properties(file) == settings


def test_the_defaults_file_is_found_through_the_environment(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    file = tmp_path / "conf" / "spark-defaults.conf"
    home = {"SPARK_HOME": str(tmp_path)}
    assert defaults_file(home) is None
    file.touch()
    assert defaults_file(home) == file
    assert defaults_file({"SPARK_CONF_DIR": str(tmp_path / "conf")}) == file
    # A folder that is named wins, even when the file is not in it.
    assert defaults_file(home | {"SPARK_CONF_DIR": str(tmp_path)}) is None
    assert defaults_file({}) is None
