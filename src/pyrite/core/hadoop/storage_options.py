"""Storage options: Hadoop's settings of object stores, such as credentials, in fsspec's words.

A process has one set of Hadoop settings: the application's, which a driver may change while it
runs (``sc._jsc.hadoopConfiguration().set``). ``file_system`` reads them for each URI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pyrite.core.conf import parse_bool
from pyrite.core.hadoop.hadoop_conf import hadoop_conf

__all__ = ["storage_options", "use_settings"]

Options = dict[str, Any]

_settings: dict[str, str] = {}


def use_settings(spark_conf: Mapping[str, str]) -> None:
    """Make an application's ``spark.hadoop.*`` the Hadoop settings of this process."""
    global _settings
    _settings = hadoop_conf(spark_conf)


def storage_options(protocol: str, authority: str) -> Options:
    """Return what fsspec is told of a store.

    Args:
        protocol: fsspec's name of the store's kind: s3, gs, abfs.
        authority: What stands between ``//`` and the path: a bucket, or ``container@host``.

    Example:
        >>> use_settings({"spark.hadoop.fs.s3a.access.key": "me"})
        >>> storage_options("s3", "bucket")
        {'key': 'me'}
        >>> use_settings({})
    """
    find = _FINDERS.get(protocol)
    return {} if find is None or not _settings else find(authority)


def _s3(bucket: str) -> Options:
    """Read ``fs.s3a.*``; ``fs.s3a.bucket.NAME.*`` wins for the bucket of that name."""

    def setting(name: str) -> str | None:
        general = _settings.get(f"fs.s3a.{name}")
        return _settings.get(f"fs.s3a.bucket.{bucket}.{name}", general)

    options = _given(setting, {"access.key": "key", "secret.key": "secret"})
    options.update(_given(setting, {"session.token": "token"}))
    encrypted = parse_bool(setting("connection.ssl.enabled") or "true")
    if endpoint := setting("endpoint"):
        scheme = "https" if encrypted else "http"
        options["endpoint_url"] = endpoint if "://" in endpoint else f"{scheme}://{endpoint}"
    if not encrypted:
        options["use_ssl"] = False
    if region := setting("endpoint.region"):
        options["client_kwargs"] = {"region_name": region}
    if parse_bool(setting("path.style.access") or "false"):
        options["config_kwargs"] = {"s3": {"addressing_style": "path"}}
    if "Anonymous" in (setting("aws.credentials.provider") or ""):
        options["anon"] = True
    return options


def _gs(bucket: str) -> Options:
    token = _settings.get(
        "fs.gs.auth.service.account.json.keyfile",
        _settings.get("google.cloud.auth.service.account.json.keyfile"),
    )
    project = _settings.get("fs.gs.project.id")
    return {name: value for name, value in (("token", token), ("project", project)) if value}


def _azure(authority: str) -> Options:
    """Read ``fs.azure.*``, each for one account or for all."""
    host = authority.rpartition("@")[2]

    def setting(name: str) -> str | None:
        return _settings.get(f"fs.azure.{name}.{host}", _settings.get(f"fs.azure.{name}"))

    options = _given(
        setting,
        {
            "account.key": "account_key",
            "sas.fixed.token": "sas_token",
            "account.oauth2.client.id": "client_id",
            "account.oauth2.client.secret": "client_secret",
        },
    )
    if endpoint := setting("account.oauth2.client.endpoint"):
        options["tenant_id"] = endpoint.partition("://")[2].split("/")[1]
    if options:
        options["account_name"] = host.partition(".")[0]
    return options


def _given(setting: Callable[[str], str | None], names: Mapping[str, str]) -> Options:
    return {ours: value for name, ours in names.items() if (value := setting(name)) is not None}


_FINDERS: Mapping[str, Callable[[str], Options]] = {
    "s3": _s3,
    "gs": _gs,
    "gcs": _gs,
    "abfs": _azure,
}
