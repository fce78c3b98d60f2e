"""Files between the machines of one application.

    wire           what the two ends say to each other, and how they prove that they may
    block_server   one per machine and application: gives out files of its scratch directories
    block_client   what tasks ask other machines for
    copy_sources   which machines have copies of the driver's files, and send them on
    driver_files   the driver's own files, as tasks on any machine see them
    network        all of these for one process

On one machine nothing of this runs: every process reads the same directories.
"""

from pyrite.core.network.block_client import BlockClient, LostFile
from pyrite.core.network.block_server import BlockServer
from pyrite.core.network.driver_files import DriverFiles, FetchedFiles, SharedFiles, remove_copy
from pyrite.core.network.network import Network, NetworkSettings, copies_in

__all__ = [
    "BlockClient",
    "BlockServer",
    "DriverFiles",
    "FetchedFiles",
    "LostFile",
    "Network",
    "NetworkSettings",
    "SharedFiles",
    "copies_in",
    "remove_copy",
]
