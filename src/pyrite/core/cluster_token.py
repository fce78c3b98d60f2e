"""The token of a cluster: who has it may run programs there.

It is Ray's token, kept where Ray looks for it: one line in a file that only its owner may read.
A master makes it; people copy it to the machines of workers and drivers.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping, MutableMapping
from pathlib import Path

__all__ = ["MODE", "make_token", "read_token", "token_file", "token_variables", "use_token"]

#: The environment variable in which Ray is told whether there are tokens.
MODE = "RAY_AUTH_MODE"
_TOKEN = "RAY_AUTH_TOKEN"
_FILE = "RAY_AUTH_TOKEN_PATH"

_SECRET = "spark.authenticate.secret"
_SECRET_FILE = "spark.authenticate.secret.file"


def token_file(environment: Mapping[str, str]) -> Path:
    """Return where the token is kept, whether or not there is one yet.

    Example:
        >>> token_file({"RAY_AUTH_TOKEN_PATH": "/etc/pyrite/token"}).name
        'token'
    """
    named = environment.get(_FILE)
    return Path(named) if named else Path.home() / ".ray" / "auth_token"


def make_token(file: Path) -> bool:
    """Make a token, unless there is one.

    Args:
        file: Where to keep it; nobody but its owner may read it.

    Returns:
        Whether there was none.

    Raises:
        OSError: If it cannot be written.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32))
        return True
    return False


def read_token(conf: Mapping[str, str], environment: Mapping[str, str]) -> str | None:
    """Return the token that this process is to show; None if it has none.

    Args:
        conf: An application's settings: ``spark.authenticate.secret`` is the token itself,
            ``spark.authenticate.secret.file`` names its file. They win over the environment.
        environment: Where Ray looks: RAY_AUTH_TOKEN, then the file.
    """
    if token := conf.get(_SECRET):
        return token
    named = conf.get(_SECRET_FILE)
    if not named and (token := environment.get(_TOKEN)):
        return token
    with contextlib.suppress(OSError):
        return (Path(named) if named else token_file(environment)).read_text().strip() or None
    return None


def token_variables(conf: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that make Ray show the token of ``read_token``.

    Example:
        >>> token_variables({"spark.authenticate.secret": "s"}, {})
        {'RAY_AUTH_MODE': 'token', 'RAY_AUTH_TOKEN': 's'}
    """
    if conf.get(_SECRET) or conf.get(_SECRET_FILE):
        return {MODE: "token", _TOKEN: read_token(conf, environment) or ""}
    return {MODE: "token"}  # Ray finds it by itself


def use_token(environment: MutableMapping[str, str]) -> None:
    """Have a cluster that starts on this machine ask for a token, and make one if there is none.

    Ray would do so, too; but it says so on the terminal, and anybody could read what it makes.

    Args:
        environment: The process's environment; where it says what is to be, that is done.

    Raises:
        OSError: If the token cannot be written.
    """
    mode = environment.setdefault(MODE, "token")
    if mode == "token" and _TOKEN not in environment:
        make_token(token_file(environment))
