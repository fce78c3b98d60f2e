"""A session's artifacts: files its client has uploaded, and what becomes of each kind.

The first part of an artifact's name is its kind: ``cache/<sha256>`` are rows and other data that
plans refer to by their hash; ``pyfiles/``, ``files/`` and ``archives/`` are for users' functions:
for all of the application in a program's own engine, for those of the session in a server;
``forward_to_fs/<path>`` is copied to that path of this machine.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

from pyspark.sql.connect import proto

from pyrite.core.conf import ConfigEntry, parse_bool
from pyrite.core.shared.files import UserFiles
from pyrite.sql.errors import requirement_failed, runtime_error, unsupported
from pyrite.sql.session_state import SessionState

__all__ = ["ISOLATED", "Artifacts"]

Request = proto.AddArtifactsRequest
Summary = proto.AddArtifactsResponse.ArtifactSummary

#: The directory of what the session's functions find: no kind of artifact is called like this.
_FOR_FUNCTIONS = "for-functions"

ALLOW_LOCAL_DESTINATION = ConfigEntry(
    "spark.sql.artifact.copyFromLocalToFs.allowDestLocal", "false", parse_bool
)
ISOLATED = ConfigEntry("spark.sql.artifact.isolation.enabled", "false", parse_bool)


class Artifacts:
    """The artifacts of one session, as files in a directory of its own.

    Args:
        state: The session; the scratch directory of its application holds ours.
    """

    def __init__(self, state: SessionState) -> None:
        self._state = state
        local_dir = state.shared.context.local_dir
        self._directory = os.path.join(local_dir, "artifacts", str(uuid.uuid4()))
        self._installers: dict[str, Callable[[str, str], object]] = {
            "cache": self._keep,
            "pyfiles": lambda path, _: self._files().add_py_file(path),
            "files": lambda path, _: self._files().add_file(path),
            "archives": self._add_archive,
            "forward_to_fs": self._forward,
        }

    def receive(self, requests: Iterable[Request]) -> Iterator[Summary]:
        """Store what a client uploads, and tell of each artifact whether it came in one piece.

        Raises:
            SparkError: INVALID_ARTIFACT_PATH, ARTIFACT_ALREADY_EXISTS, a kind of artifact that
                only a JVM can use, or chunks that are not those announced.
        """
        rest = iter(requests)
        for request in rest:
            match request.WhichOneof("payload"):
                case "batch":
                    for artifact in request.batch.artifacts:
                        yield self._store(artifact.name, [artifact.data])
                case "begin_chunk":
                    yield self._store(request.begin_chunk.name, _chunks(request.begin_chunk, rest))
                case payload:
                    raise unsupported(f"{payload or 'nothing'} as the start of an artifact")

    def cached(self, name: str) -> bytes | None:
        """Return the data of a hash, None if it is not there."""
        try:
            with open(os.path.join(self._directory, "cache", name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def exists(self, name: str) -> bool:
        """Return whether an artifact need not be uploaded; only cached ones can be asked for."""
        return name.startswith("cache/") and os.path.exists(self._path(name))

    def start_with(self, other: Artifacts) -> None:
        """Have what another session has, before anything else is uploaded."""
        if os.path.exists(other._directory):
            ignored = shutil.ignore_patterns(_FOR_FUNCTIONS, "*.part")
            shutil.copytree(other._directory, self._directory, ignore=ignored)
        if other._state.files is not None:
            self._state.files = other._state.files.copy(self._path_for_functions)

    def close(self) -> None:
        """Remove the files."""
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def _path_for_functions(self) -> str:
        return os.path.join(self._directory, _FOR_FUNCTIONS)

    def _files(self) -> UserFiles:
        """Return what users' functions are to find."""
        state = self._state
        if not ISOLATED.read(state.conf.explicit()):
            return state.shared.context.user_files
        if state.files is None:
            state.files = UserFiles(self._path_for_functions, imports_here=False)
        return state.files

    def _path(self, name: str) -> str:
        """Return where an artifact is stored."""
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or len(path.parts) < 2:
            raise runtime_error("INVALID_ARTIFACT_PATH", name=name)
        return os.path.join(self._directory, *path.parts)

    def _store(self, name: str, chunks: Iterable[Request.ArtifactChunk]) -> Summary:
        """Write an artifact's chunks to its file, and hand it on if all of them are sound."""
        stored_name, _, fragment = name.partition("#")
        path = self._path(stored_name)
        kind = PurePosixPath(name).parts[0]
        if kind not in self._installers:
            raise unsupported(f"the artifact {name}: Pyrite runs no JVM, and takes {kind}/ for one")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        part = f"{path}.{uuid.uuid4().hex}.part"
        sound = True
        try:
            with open(part, "wb") as file:
                for chunk in chunks:
                    sound = sound and zlib.crc32(chunk.data) == chunk.crc
                    file.write(chunk.data)
            if sound and not self._is_there(name, path, part):
                os.replace(part, path)
                self._installers[kind](path, fragment)
        finally:
            if os.path.exists(part):
                os.remove(part)
        return Summary(name=name, is_crc_successful=sound)

    def _is_there(self, name: str, path: str, part: str) -> bool:
        """Return whether the same file was uploaded before."""
        if not os.path.exists(path):
            return False
        if not name.startswith("cache/") and not filecmp.cmp(path, part, shallow=False):
            raise runtime_error("ARTIFACT_ALREADY_EXISTS", normalizedRemoteRelativePath=name)
        return True

    def _keep(self, path: str, fragment: str) -> None:
        """Do no more: plans find it by its hash."""

    def _add_archive(self, path: str, fragment: str) -> None:
        self._files().add_archive(f"{path}#{fragment}" if fragment else path)

    def _forward(self, path: str, fragment: str) -> None:
        """Move a file to the path after ``forward_to_fs``."""
        # The application allows it, not a client.
        if not ALLOW_LOCAL_DESTINATION.read(self._state.shared.conf):
            os.remove(path)
            raise unsupported(
                "a copy to this machine's own file system; set "
                f"{ALLOW_LOCAL_DESTINATION.key} to true to allow it"
            )
        target = "/" + os.path.relpath(path, os.path.join(self._directory, "forward_to_fs"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.move(path, target)


def _chunks(
    begin: Request.BeginChunkedArtifact, rest: Iterator[Request]
) -> Iterator[Request.ArtifactChunk]:
    """Yield an artifact's chunks, if they are as many and as large as its beginning says."""
    announced = (
        f"the artifact {begin.name} is {begin.total_bytes} bytes in {begin.num_chunks} chunks"
    )
    yield begin.initial_chunk
    size = len(begin.initial_chunk.data)
    for count in range(1, begin.num_chunks):
        request = next(rest, None)
        if request is None or request.WhichOneof("payload") != "chunk":
            raise requirement_failed(f"{announced}, and only {count} came.")
        yield request.chunk
        size += len(request.chunk.data)
    if size != begin.total_bytes or begin.num_chunks < 1:
        raise requirement_failed(f"{announced}, and {size} bytes came.")
