"""Where a cluster's token comes from, and how it is kept."""

import pytest

from pyrite.core.cluster_token import authentication, make_token, token_file


def test_a_new_token_is_for_its_owner_only_and_is_kept(tmp_path):
    file = tmp_path / "deep" / "token"
    assert make_token(file)
    first = file.read_text()
    assert (len(first), file.stat().st_mode & 0o777) == (64, 0o600)
    assert not make_token(file)
    assert file.read_text() == first


SECRET = {"spark.authenticate.secret": "s"}
SECRET_FILE = {"spark.authenticate.secret.file": "/f"}


@pytest.mark.parametrize(
    ("conf", "environment", "expected"),
    [
        ({}, {}, {}),
        (SECRET, {}, {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "s"}),
        (SECRET_FILE, {}, {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": "/f"}),
        (SECRET, {"RAY_AUTH_MODE": "disabled"}, {}),
        ({}, {"RAY_AUTH_TOKEN": "t"}, {"RAY_AUTH_MODE": "token"}),
    ],
)
def test_settings_and_environment_say_which_token(conf, environment, expected, tmp_path):
    nowhere = {"RAY_AUTH_TOKEN_PATH": str(tmp_path / "none")}
    assert authentication(conf, nowhere | environment) == expected


def test_a_token_file_that_is_there_is_used(tmp_path):
    environment = {"RAY_AUTH_TOKEN_PATH": str(tmp_path / "token")}
    make_token(token_file(environment))
    assert authentication({}, environment) == {"RAY_AUTH_MODE": "token"}
