"""Columns of bytes as numpy arrays: where each value lies, pieces copied and put together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["binaries", "copy_pieces", "put_in", "running_starts", "slices_of"]


def slices_of(values: pa.Array) -> tuple[Any, Any, Any]:
    """Return the bytes of all values, and where each one begins and how long it is.

    Args:
        values: Binaries or texts; a null is empty.
    """
    import numpy as np

    offsets_buffer, data = values.buffers()[1:]
    wide = str(values.type).startswith("large")
    kind = np.int64 if wide else np.int32
    offsets = np.frombuffer(offsets_buffer, kind, len(values) + 1, values.offset * kind().itemsize)
    raw = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, np.uint8)
    lengths = np.diff(offsets).astype(np.int64)
    if values.null_count:
        lengths[values.is_null().to_numpy(zero_copy_only=False)] = 0
    return raw, offsets[:-1].astype(np.int64), lengths


def running_starts(lengths: Any) -> Any:
    """Return where pieces of some lengths begin when they follow each other, and the end."""
    import numpy as np

    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def copy_pieces(source: Any, starts: Any, lengths: Any, target: Any, places: Any) -> None:
    """Copy pieces of bytes.

    Args:
        source: The bytes to copy from.
        starts: Where each piece begins.
        lengths: How long each is.
        target: The bytes to copy to.
        places: Where each piece goes.
    """
    import numpy as np

    total = int(lengths.sum())
    if not total:
        return
    within = np.arange(total) - np.repeat(running_starts(lengths)[:-1], lengths)
    target[np.repeat(places, lengths) + within] = source[np.repeat(starts, lengths) + within]


def binaries(data: Any, offsets: Any, kind: pa.DataType, missing: Any = None) -> pa.Array:
    """Return an Arrow array of binaries or texts that follow each other.

    Args:
        data: All bytes.
        offsets: Where each value begins, and the end.
        kind: ``pa.binary()`` or ``pa.string()``.
        missing: Which values are null.
    """
    import numpy as np
    import pyarrow as pa

    valid, nulls = None, 0
    if missing is not None and (nulls := int(missing.sum())):
        valid = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    buffers = [valid, pa.py_buffer(offsets.astype(np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(kind, len(offsets) - 1, buffers, nulls)


def put_in(values: pa.Array, others: pa.Array, places: Any) -> pa.Array:
    """Return an Arrow array with others at some places."""
    import numpy as np
    import pyarrow as pa

    if not len(others):
        return values
    taken = np.arange(len(values))
    taken[places] = len(values) + np.arange(len(others))
    return pa.concat_arrays([values, others]).take(pa.array(taken))
