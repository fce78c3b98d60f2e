"""Network: how one process reaches the files of the application's other machines."""

from __future__ import annotations

import os
from dataclasses import dataclass

from pyrite.core.network.block_client import BlockClient
from pyrite.core.network.driver_files import DriverFiles, FetchedFiles, SharedFiles

__all__ = ["Network", "NetworkSettings", "copies_in"]


def copies_in(scratch: str) -> str:
    """Return where a machine that is not the driver's keeps copies of the driver's files."""
    return os.path.join(scratch, "driver")


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """What an executor's process must know of the others.

    Attributes:
        secret: The application's secret.
        location: This machine's block server.
        driver_location: The driver's block server.
        driver_root: The driver's scratch directory.
        is_driver_machine: Whether the driver's files can be read as they are.
    """

    secret: bytes
    location: str
    driver_location: str
    driver_root: str
    is_driver_machine: bool


@dataclass(frozen=True)
class Network:
    """The other machines of the application, as one process sees them.

    Attributes:
        location: This machine's block server; empty if the application has one machine only.
        client: Reads from other machines; None if there are none.
        driver_files: Finds the driver's scratch files.
    """

    location: str
    client: BlockClient | None
    driver_files: DriverFiles

    @classmethod
    def of_one_machine(cls, root: str) -> Network:
        """Return the network of an application on one machine, which is none.

        Args:
            root: The application's scratch directory.
        """
        return cls("", None, SharedFiles(root))

    @classmethod
    def from_settings(cls, settings: NetworkSettings, scratch: str) -> Network:
        """Return an executor's network.

        Args:
            settings: What the driver told it.
            scratch: This machine's scratch directory.
        """
        client = BlockClient(settings.secret, os.path.join(scratch, "spill"))
        files: DriverFiles = SharedFiles(settings.driver_root)
        if not settings.is_driver_machine:
            files = FetchedFiles(
                client,
                settings.driver_location,
                settings.driver_root,
                copies_in(scratch),
                settings.location,
            )
        return cls(settings.location, client, files)
