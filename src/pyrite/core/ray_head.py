"""A cluster's head, asked before Ray is: whether it answers, and whether it takes our token.

Ray itself tries for half a minute before it says that it did not get in, and not why.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum

from pyrite.core.cluster_token import MODE, read_token, token_file, token_variables
from pyrite.core.errors import SparkException

__all__ = ["Answer", "admission", "ask"]

#: The first thing that Ray's own clients ask a head for.
_QUESTION = "/ray.rpc.NodeInfoGcsService/GetClusterId"
_SECONDS = 10.0


class Answer(Enum):
    """What a head says to someone who comes with a token, or without."""

    WELCOME = "welcome"
    WRONG_TOKEN = "wrong token"
    #: Nothing is there, or something else.
    NONE = "none"


def ask(address: str, token: str | None) -> Answer:
    """Knock at a head.

    Args:
        address: Its ``host:port``.
        token: What to show; None for nothing.
    """
    import grpc

    with grpc.insecure_channel(address) as channel:
        try:
            channel.unary_unary(_QUESTION)(
                b"",
                timeout=_SECONDS,
                metadata=[("authorization", f"Bearer {token}")] if token else None,
            )
        except grpc.RpcError as error:
            refused = error.code() is grpc.StatusCode.UNAUTHENTICATED
            return Answer.WRONG_TOKEN if refused else Answer.NONE
    return Answer.WELCOME


def admission(url: str, address: str, conf: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables with which Ray gets into a cluster.

    Args:
        url: The master, as people wrote it.
        address: ``host:port`` of its head.
        conf: An application's settings; see ``token_variables``.

    Returns:
        Nothing if the cluster asks for no token, or the environment tells Ray what to do.

    Raises:
        SparkException: If nothing answers, or the token is missing or wrong.
    """
    if os.environ.get("RAY_USE_TLS", "0") != "0":
        return {}  # the certificates decide
    mode = os.environ.get(MODE)
    wants_token = mode == "token" or (mode is None and ask(address, None) is Answer.WRONG_TOKEN)
    token = read_token(conf, os.environ) if wants_token else None
    match ask(address, token):
        case Answer.WELCOME:
            return token_variables(conf, os.environ) if wants_token else {}
        case Answer.NONE:
            raise SparkException(
                f"No master answers at '{url}'. Start it there with 'pyrite start-master', which "
                "shows its URL, and let this machine reach that port."
            )
        case Answer.WRONG_TOKEN:
            raise SparkException(
                f"The master '{url}' wants its token, and this machine has "
                f"{'another' if token else 'none'}. Copy the token file that 'pyrite "
                f"start-master' named to {token_file(os.environ)}, or name it in "
                "spark.authenticate.secret.file or RAY_AUTH_TOKEN_PATH."
            )
