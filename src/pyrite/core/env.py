"""SparkEnv: what a process of an application has at hand.

Tasks reach the shuffle files, the block manager and the settings through ``SparkEnv.get()``,
so that an RDD can be computed anywhere without carrying any of them along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from pyrite.core.errors import SparkException
from pyrite.core.hadoop.storage_options import use_settings
from pyrite.core.network import DriverFiles, SharedFiles

if TYPE_CHECKING:
    from pyrite.core.local_dirs import LocalDirs
    from pyrite.core.network import Network
    from pyrite.core.shuffle import MapOutputTracker
    from pyrite.core.storage.block_manager import BlockManager

__all__ = ["SparkEnv", "driver_directory", "driver_file", "open_driver_file"]


@dataclass
class SparkEnv:
    """The services and settings of one process.

    Attributes:
        conf: The application's settings, as text.
        executor_id: The executor this process belongs to; ``driver`` in local mode.
        host: The name of this machine.
        local_dirs: The application's scratch directories, shared by all its processes on this
            machine and deleted when the application ends.
        block_manager: The cached blocks of this process.
        network: How the application's other machines are reached, if there are any.
        map_output_tracker: Where map outputs are: all of them in the driver, those the running
            stage reads in a worker.
        memory_limit: Bytes an aggregation, grouping or sort may hold before it spills.
    """

    conf: Mapping[str, str]
    executor_id: str
    host: str
    local_dirs: LocalDirs
    block_manager: BlockManager
    network: Network
    map_output_tracker: MapOutputTracker
    memory_limit: int

    _current: ClassVar[SparkEnv | None] = None

    @property
    def shuffle_dir(self) -> str:
        """Directory for the next map task's output file; they take turns."""
        return self.local_dirs.next("shuffle")

    @property
    def spill_dir(self) -> str:
        """Directory for the next file that lives no longer than its task; they take turns."""
        return self.local_dirs.next("spill")

    @staticmethod
    def get() -> SparkEnv:
        """Return this process's environment.

        Raises:
            SparkException: If no SparkContext runs here and this is not a worker.
        """
        if SparkEnv._current is None:
            raise SparkException("There is no SparkEnv here: create a SparkContext first.")
        return SparkEnv._current

    @staticmethod
    def set(env: SparkEnv | None) -> None:
        """Make ``env`` this process's environment; None when the application ends."""
        SparkEnv._current = env
        use_settings({} if env is None else env.conf)


def driver_file(path: str) -> str:
    """Return where this process can read a scratch file of the driver.

    Raises:
        FileNotFoundError: If it is on another machine, and not there any more.
    """
    return _driver_files().local(path)


def driver_directory(path: str, version: int) -> str:
    """Return where this process can read a scratch directory of the driver.

    Args:
        path: The directory.
        version: How often its contents had changed when it was as it is wanted.

    Raises:
        FileNotFoundError: If it is on another machine, and not there any more.
    """
    return _driver_files().directory(path, version)


def open_driver_file(path: str, span: tuple[int, int] | None = None) -> BinaryIO:
    """Open a scratch file of the driver that is read once, so that no copy of it need stay.

    Args:
        path: The file.
        span: Where the wanted part begins and its length; None for the whole file.

    Returns:
        The file, positioned where the part begins.

    Raises:
        FileNotFoundError: If the driver has none of that name.
    """
    return _driver_files().open(path, span)


def _driver_files() -> DriverFiles:
    env = SparkEnv._current
    return SharedFiles("") if env is None else env.network.driver_files
