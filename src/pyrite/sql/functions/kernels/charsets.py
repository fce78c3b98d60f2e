"""Text to bytes of a charset and back, over Arrow arrays: all rows' characters at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.characters import (
    BETWEEN,
    bytes_of,
    characters_of,
    from_bytes,
    from_characters,
    row_numbers,
)
from pyrite.sql.functions.kernels.mapping import map_settings
from pyrite.sql.functions.raising import raised_text

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["decode", "encode", "make_valid"]

#: Java's names of charsets: how many bytes a unit has, and numpy's order of the bytes.
_UNITS = {
    "iso-8859-1": "u1",
    "us-ascii": "u1",
    "utf-8": "",
    "utf-16": ">u2",
    "utf-16be": ">u2",
    "utf-16le": "<u2",
    "utf-32": ">u4",
}
#: The characters that charsets of one byte have.
_MOST = {"iso-8859-1": 0x100, "us-ascii": 0x80}
_MARK, _TURNED_MARK = 0xFEFF, 0xFFFE
_HIGH, _LOW, _END = 0xD800, 0xDC00, 0xE000


def _unit(function: str, charset: str) -> str:
    unit = _UNITS.get(charset.lower())
    if unit is None:
        raise ValueError(
            raised_text(
                "INVALID_PARAMETER_VALUE.CHARSET",
                functionName=f"`{function}`",
                parameter="`charset`",
                charset=charset,
                charsets=", ".join(sorted(_UNITS)),
            )
        )
    return unit


def _refuse(bad: bool, function: str, charset: str) -> None:
    if bad:
        raise ValueError(
            raised_text("MALFORMED_CHARACTER_CODING", function=f"`{function}`", charset=charset)
        )


def _units_of(codes: Any, starts: Any) -> tuple[Any, Any]:
    """Return the UTF-16 units of code points, and where each text begins."""
    import numpy as np

    sizes = 1 + (codes >= 0x10000)
    if (sizes == 1).all():
        return codes, starts
    places = np.concatenate([[0], np.cumsum(sizes)])
    units, first = np.repeat(codes, sizes), places[:-1]
    pairs = first[sizes == 2]
    beyond = units[pairs] - 0x10000
    units[pairs], units[pairs + 1] = _HIGH + (beyond >> 10), _LOW + (beyond & 0x3FF)
    return units, places[starts]


def _characters_of_units(units: Any, starts: Any, charset: str) -> tuple[Any, Any]:
    """Return the code points of UTF-16 units, and where each text begins."""
    import numpy as np

    codes = units.astype(np.uint32)
    high, low = (codes >= _HIGH) & (codes < _LOW), (codes >= _LOW) & (codes < _END)
    if not (high | low).any():
        return codes, starts
    begins = np.zeros(len(codes) + 1, np.bool_)
    begins[starts] = True
    paired = np.concatenate([high & ~begins[1:], [False]])
    # What follows a high one is a low one, and each low one follows a high one of its text.
    after = np.concatenate([[False], paired[:-1]])[: len(codes)]
    _refuse(bool((high & ~paired[:-1]).any() or (low != after).any()), "decode", charset)
    codes[high] = 0x10000 + ((codes[high] - _HIGH) << 10) + (codes[low] - _LOW)
    return codes[~low], np.concatenate([[0], np.cumsum(~low)])[starts]


def _encoded(texts: pa.Array, charset: str) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    unit, name = _unit("encode", charset), charset.lower()
    if not unit:
        return texts.cast(pa.binary())
    codes, starts = characters_of(texts)
    _refuse(bool((codes >= _MOST.get(name, 0x110000)).any()), "encode", charset)
    if unit.endswith("2"):
        codes, starts = _units_of(codes, starts)
    if name == "utf-16":
        some = np.diff(starts) > 0
        codes = np.insert(codes, starts[:-1][some], _MARK)
        starts = starts + np.concatenate([[0], np.cumsum(some)])
    return from_bytes(codes.astype(unit), starts * np.dtype(unit).itemsize, texts, pa.binary())


def _decoded(data: pa.Array, charset: str) -> pa.Array:
    import numpy as np

    unit, name = _unit("decode", charset), charset.lower()
    every, starts = bytes_of(data)
    if not unit:
        return _decoded_utf_8(data, charset)
    size = np.dtype(unit).itemsize
    _refuse(bool((starts % size).any()), "decode", charset)
    codes, starts = every.view(unit).astype(np.uint32), starts // size
    if name == "utf-16":
        first = starts[:-1][np.diff(starts) > 0]
        turned = np.zeros(len(codes), np.bool_)
        turned[first] = codes[first] == _TURNED_MARK
        turned = np.isin(row_numbers(starts), row_numbers(starts)[turned])
        codes = np.where(turned, codes >> 8 | (codes & 0xFF) << 8, codes)
        kept = np.ones(len(codes), np.bool_)
        kept[first] = codes[first] != _MARK
        codes, starts = codes[kept], np.concatenate([[0], np.cumsum(kept)])[starts]
    if size == 2:
        codes, starts = _characters_of_units(codes, starts, charset)
    surrogate = (codes >= _HIGH) & (codes < _END)
    _refuse(bool((surrogate | (codes >= _MOST.get(name, 0x110000))).any()), "decode", charset)
    return from_characters(codes, starts, data)


def _decoded_utf_8(data: pa.Array, charset: str) -> pa.Array:
    import pyarrow as pa

    try:
        return data.cast(pa.string())
    except pa.ArrowInvalid:
        _refuse(True, "decode", charset)
        raise


def encode(texts: pa.Array, charsets: pa.Array) -> pa.Array:
    r"""Return the bytes of texts.

    Raises:
        ValueError: INVALID_PARAMETER_VALUE.CHARSET or MALFORMED_CHARACTER_CODING.

    Example:
        >>> import pyarrow as pa
        >>> encode(pa.array(["é", "", None]), pa.array(["UTF-16"] * 3)).to_pylist()
        [b'\xfe\xff\x00\xe9', b'', None]
    """
    import pyarrow as pa

    return map_settings(texts, charsets, _encoded, pa.binary())


def decode(data: pa.Array, charsets: pa.Array) -> pa.Array:
    r"""Return the texts of bytes.

    Raises:
        ValueError: INVALID_PARAMETER_VALUE.CHARSET or MALFORMED_CHARACTER_CODING.

    Example:
        >>> import pyarrow as pa
        >>> decode(pa.array([b"\xff\xfe\xe9\x00"]), pa.array(["UTF-16"])).to_pylist()
        ['é']
    """
    import pyarrow as pa

    return map_settings(data, charsets, _decoded, pa.string())


def make_valid(data: pa.Array) -> pa.Array:
    r"""Return bytes as text, with a replacement character for what is no UTF-8.

    Example:
        >>> import pyarrow as pa
        >>> make_valid(pa.array([b"a\xe9", None])).to_pylist()
        ['a�', None]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    known = data.fill_null(b"").to_pylist()
    texts = BETWEEN.encode().join(known).decode(errors="replace").split(BETWEEN)
    if len(texts) > max(len(known), 1):  # some text has the character itself
        texts = [text.decode(errors="replace") for text in known]
    made = pa.array(texts[: len(known)], pa.string())
    return pc.if_else(data.is_valid(), made, None) if data.null_count else made
