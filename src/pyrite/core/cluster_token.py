"""The token of a cluster: who has it may run programs there.

It is Ray's token, kept where Ray looks for it: one line in a file that only its owner may read.
A master makes it; people copy it to the machines of workers and drivers.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

__all__ = ["authentication", "make_token", "token_file"]

_MODE = "RAY_AUTH_MODE"
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


def authentication(
    conf: Mapping[str, str], environment: Mapping[str, str], *, is_required: bool = False
) -> dict[str, str]:
    """Return the environment variables by which Ray gives a cluster its token.

    Args:
        conf: An application's settings: ``spark.authenticate.secret`` is the token itself,
            ``spark.authenticate.secret.file`` names its file.
        environment: The process's environment, which says it in Ray's own words, and wins where
            it says whether there is to be a token at all.
        is_required: Whether the cluster is known to ask for one.

    Returns:
        Nothing if there is no token, or the environment has said all.

    Example:
        >>> authentication({"spark.authenticate.secret": "s"}, {})
        {'RAY_AUTH_MODE': 'token', 'RAY_AUTH_TOKEN': 's'}
    """
    if _MODE in environment:
        return {}
    if token := conf.get(_SECRET):
        return {_MODE: "token", _TOKEN: token}
    if file := conf.get(_SECRET_FILE):
        return {_MODE: "token", _FILE: file}
    if is_required or _TOKEN in environment or token_file(environment).exists():
        return {_MODE: "token"}
    return {}
