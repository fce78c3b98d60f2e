"""Where a cluster's token comes from, and how it is kept."""

import pytest

from pyrite.core.cluster_token import make_token, read_token, token_variables, use_token


def test_a_new_token_is_for_its_owner_only_and_is_kept(tmp_path):
    file = tmp_path / "deep" / "token"
    assert make_token(file)
    first = file.read_text()
    assert (len(first), file.stat().st_mode & 0o777) == (64, 0o600)
    assert not make_token(file)
    assert file.read_text() == first


@pytest.fixture
def files(tmp_path):
    """Two files with tokens, and an environment that names one of them."""
    for name in ("default", "other"):
        (tmp_path / name).write_text(f"{name}\n")
    return tmp_path, {"RAY_AUTH_TOKEN_PATH": str(tmp_path / "default")}


@pytest.mark.parametrize(
    ("conf", "environment", "expected"),
    [
        ({}, {}, "default"),
        ({}, {"RAY_AUTH_TOKEN": "t"}, "t"),
        ({"spark.authenticate.secret": "s"}, {"RAY_AUTH_TOKEN": "t"}, "s"),
        ({"spark.authenticate.secret.file": "other"}, {"RAY_AUTH_TOKEN": "t"}, "other"),
        ({"spark.authenticate.secret.file": "none"}, {}, None),
    ],
)
def test_settings_win_over_the_environment_and_this_over_the_file(
    conf, environment, expected, files, monkeypatch
):
    folder, named = files
    monkeypatch.chdir(folder)
    assert read_token(conf, named | environment) == expected


def test_ray_is_told_only_what_it_cannot_find_itself(files):
    folder, environment = files
    assert token_variables({}, environment) == {"RAY_AUTH_MODE": "token"}
    conf = {"spark.authenticate.secret.file": str(folder / "other")}
    assert token_variables(conf, environment)["RAY_AUTH_TOKEN"] == "other"


def test_a_cluster_of_this_machine_asks_for_a_token_unless_told_otherwise(tmp_path):
    file = tmp_path / "token"
    environment = {"RAY_AUTH_TOKEN_PATH": str(file)}
    for said in ({"RAY_AUTH_MODE": "disabled"}, {"RAY_AUTH_TOKEN": "t"}):
        use_token(environment | said)
        assert not file.exists()
    use_token(environment)
    assert environment["RAY_AUTH_MODE"] == "token"
    assert file.stat().st_mode & 0o777 == 0o600
