"""Hadoop's settings of object stores in fsspec's words."""

from collections.abc import Iterator
from typing import Any

import pytest

from pyrite.core.hadoop.storage_options import storage_options, use_settings

AZURE = "me.dfs.core.windows.net"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    use_settings({})


@pytest.mark.parametrize(
    ("settings", "protocol", "authority", "expected"),
    [
        ({"fs.s3a.endpoint": "https://a"}, "s3", "b", {"endpoint_url": "https://a"}),
        (
            {"fs.s3a.endpoint": "a:1", "fs.s3a.connection.ssl.enabled": "false"},
            "s3",
            "b",
            {"endpoint_url": "http://a:1", "use_ssl": False},
        ),
        (
            {"fs.s3a.endpoint.region": "north", "fs.s3a.path.style.access": "true"},
            "s3",
            "b",
            {
                "client_kwargs": {"region_name": "north"},
                "config_kwargs": {"s3": {"addressing_style": "path"}},
            },
        ),
        (
            {"fs.s3a.aws.credentials.provider": "x.AnonymousAWSCredentialsProvider"},
            "s3",
            "b",
            {"anon": True},
        ),
        ({"fs.gs.auth.service.account.json.keyfile": "/k"}, "gs", "b", {"token": "/k"}),
        (
            {f"fs.azure.account.key.{AZURE}": "k", "fs.azure.account.key.other": "o"},
            "abfs",
            f"box@{AZURE}",
            {"account_key": "k", "account_name": "me"},
        ),
        (
            {
                "fs.azure.account.oauth2.client.id": "i",
                "fs.azure.account.oauth2.client.endpoint": "https://login/tenant/oauth2/token",
            },
            "abfs",
            f"box@{AZURE}",
            {"client_id": "i", "tenant_id": "tenant", "account_name": "me"},
        ),
        ({"fs.s3a.access.key": "k"}, "memory", "b", {}),
    ],
)
def test_settings_become_options(
    settings: dict[str, str], protocol: str, authority: str, expected: dict[str, Any]
) -> None:
    use_settings({f"spark.hadoop.{key}": value for key, value in settings.items()})
    assert storage_options(protocol, authority) == expected
