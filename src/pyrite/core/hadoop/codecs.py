"""Codecs: compressed files by Hadoop's class names, short names and file suffixes.

gzip, deflate and bzip2 come from the standard library. zstd, snappy and lz4 come from pyarrow;
the last two in Hadoop's own framing of blocks, which no other tool writes.
"""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, cast

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.hadoop.block_stream import BlockReader, BlockWriter

__all__ = ["CODECS", "Codec", "codec_for_path", "find_codec"]

_PACKAGE = "org.apache.hadoop.io.compress."


@dataclass(frozen=True)
class Codec:
    """One way to compress a file.

    Attributes:
        class_name: Hadoop's class, such as ``org.apache.hadoop.io.compress.GzipCodec``.
        short_names: Other names users may write, in lower case.
        extension: The suffix of its files, with the dot.
        reader: From an open compressed file to its content; closing it closes the file.
        writer: From an open empty file to a file that compresses; closing it closes the file.
    """

    class_name: str
    short_names: tuple[str, ...]
    extension: str
    reader: Callable[[BinaryIO], BinaryIO]
    writer: Callable[[BinaryIO], BinaryIO]

    def __reduce__(self) -> tuple[Callable[[str], Codec], tuple[str]]:
        return find_codec, (self.class_name,)

    def compress(self, data: bytes) -> bytes:
        """Return ``data`` as the content of a compressed file."""
        buffer = _KeptBytesIO()
        with self.writer(buffer) as out:
            out.write(data)
        return buffer.content

    def decompress(self, data: bytes) -> bytes:
        """Return the content of a compressed file."""
        with self.reader(io.BytesIO(data)) as file:
            return file.read()


class _KeptBytesIO(io.BytesIO):
    """A buffer whose content can be read after it was closed."""

    content = b""

    def close(self) -> None:
        if not self.closed:
            self.content = self.getvalue()
        super().close()


class _ZlibReader(io.RawIOBase):
    """Reads zlib streams, one after the other."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decompressor = zlib.decompressobj()
        self._input = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if self._decompressor.eof:
                self._input = self._decompressor.unused_data
                self._decompressor = zlib.decompressobj()
            self._input = self._input or self._file.read(1 << 16)
            if not self._input:
                return 0
            data = self._decompressor.decompress(self._input, len(buffer))
            self._input = self._decompressor.unconsumed_tail
            if data:
                buffer[: len(data)] = data
                return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


class _ZlibWriter(io.RawIOBase):
    """Writes one zlib stream."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._compressor = zlib.compressobj()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._file.write(self._compressor.compress(data))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.write(self._compressor.flush())
            self._file.close()
        super().close()


class _OwningGzipFile(gzip.GzipFile):
    """A gzip file that closes what it reads or writes."""

    def __init__(self, file: BinaryIO, mode: str) -> None:
        super().__init__(filename="", fileobj=file, mode=mode, compresslevel=6, mtime=0)
        self._owned = file

    def close(self) -> None:
        super().close()
        self._owned.close()


class _OwningBZ2File(bz2.BZ2File):
    """A bzip2 file that closes what it reads or writes."""

    def __init__(self, file: BinaryIO, mode: str) -> None:
        super().__init__(file, mode)  # type: ignore[call-overload]
        self._owned = file

    def close(self) -> None:
        super().close()
        self._owned.close()


def _read_zlib(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_ZlibReader(file), 1 << 17))


def _write_zlib(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, _ZlibWriter(file))


def _read_gzip(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, _OwningGzipFile(file, "rb"))


def _write_gzip(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, _OwningGzipFile(file, "wb"))


def _read_bzip2(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, _OwningBZ2File(file, "rb"))


def _write_bzip2(file: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, _OwningBZ2File(file, "wb"))


def _read_zstd(file: BinaryIO) -> BinaryIO:
    import pyarrow as pa

    return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd"))


def _write_zstd(file: BinaryIO) -> BinaryIO:
    import pyarrow as pa

    return cast(BinaryIO, pa.CompressedOutputStream(pa.PythonFile(file, "w"), "zstd"))


def _block_reader(name: str) -> Callable[[BinaryIO], BinaryIO]:
    return lambda file: cast(BinaryIO, io.BufferedReader(BlockReader(file, name), 1 << 17))


def _block_writer(name: str) -> Callable[[BinaryIO], BinaryIO]:
    return lambda file: cast(BinaryIO, BlockWriter(file, name))


def _same(file: BinaryIO) -> BinaryIO:
    return file


#: Every codec; the first with a suffix is the one Hadoop takes for it.
CODECS = (
    Codec(_PACKAGE + "GzipCodec", ("gzip", "gz"), ".gz", _read_gzip, _write_gzip),
    Codec(_PACKAGE + "BZip2Codec", ("bzip2", "bz2"), ".bz2", _read_bzip2, _write_bzip2),
    Codec(_PACKAGE + "DefaultCodec", ("default",), ".deflate", _read_zlib, _write_zlib),
    Codec(_PACKAGE + "DeflateCodec", ("deflate", "zlib"), ".deflate", _read_zlib, _write_zlib),
    Codec(_PACKAGE + "ZStandardCodec", ("zstd", "zstandard"), ".zst", _read_zstd, _write_zstd),
    Codec(
        _PACKAGE + "SnappyCodec",
        ("snappy",),
        ".snappy",
        _block_reader("snappy"),
        _block_writer("snappy"),
    ),
    Codec(
        _PACKAGE + "Lz4Codec", ("lz4",), ".lz4", _block_reader("lz4_raw"), _block_writer("lz4_raw")
    ),
    Codec(_PACKAGE + "PassthroughCodec", ("passthrough",), ".passthrough", _same, _same),
)

_BY_NAME = {
    name.lower(): codec
    for codec in CODECS
    for name in (
        codec.class_name,
        codec.class_name.removeprefix(_PACKAGE),
        *codec.short_names,
    )
}


def find_codec(name: str) -> Codec:
    """Return a codec by its Java class name or a short name, in any case.

    Raises:
        SparkIllegalArgumentException: If there is none of that name; the message lists them.

    Example:
        >>> find_codec("gzip").extension
        '.gz'
    """
    codec = _BY_NAME.get(name.lower())
    if codec is None:
        known = ", ".join(codec.class_name.removeprefix(_PACKAGE) for codec in CODECS)
        raise SparkIllegalArgumentException(
            f"Compression codec {name} was not found. Known codecs (of {_PACKAGE[:-1]}): {known}."
        )
    return codec


def codec_for_path(path: str) -> Codec | None:
    """Return the codec that the suffix of a file's name stands for, or None for a plain file."""
    for codec in CODECS:
        if path.endswith(codec.extension):
            return codec
    return None
