import bz2
import gzip
import random
import zlib

import pytest

from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.hadoop.codecs import CODECS, codec_for_path, find_codec

TEXT = "".join(f"line {i} é\n" for i in range(60_000)).encode()
NOISE = random.Random(1).randbytes(700_000)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.short_names[0])
@pytest.mark.parametrize("data", [b"", b"x", TEXT, NOISE], ids=["empty", "one", "text", "noise"])
def test_round_trip(codec, data):
    assert codec.decompress(codec.compress(data)) == data


def test_standard_formats():
    assert gzip.decompress(find_codec("gzip").compress(TEXT)) == TEXT
    assert bz2.decompress(find_codec("bzip2").compress(TEXT)) == TEXT
    assert zlib.decompress(find_codec("deflate").compress(TEXT)) == TEXT


@pytest.mark.parametrize("name", ["gzip", "bzip2", "deflate", "zstd", "snappy", "lz4"])
def test_concatenated_streams(name):
    codec = find_codec(name)
    assert codec.decompress(codec.compress(b"a\n") + codec.compress(b"b\n")) == b"a\nb\n"


def test_names():
    assert find_codec("org.apache.hadoop.io.compress.GzipCodec") is find_codec("GZIP")
    assert find_codec("BZip2Codec").extension == ".bz2"
    with pytest.raises(SparkIllegalArgumentException, match=r"codec NoCodec was not.*GzipCodec"):
        find_codec("NoCodec")


def test_suffixes():
    assert codec_for_path("file:/a/b.gz") is find_codec("gzip")
    assert codec_for_path("file:/a/b.deflate") is find_codec("DefaultCodec")
    assert codec_for_path("file:/a.gz/b.txt") is None


@pytest.mark.parametrize("name", ["snappy", "lz4"])
def test_truncated_block_file_is_an_error(name):
    data = find_codec(name).compress(TEXT)
    with pytest.raises(SparkException, match="ends in the middle of a block"):
        find_codec(name).decompress(data[:-3])
