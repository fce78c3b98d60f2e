"""Schemas found in files, remembered for as long as the files stay as they are.

A DataFrame over files is resolved anew by each action; their texts are looked through once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from pyrite.sql.types import StructType

if TYPE_CHECKING:
    from pyrite.sql.sources.file_format import FileFormat, ReadRequest

__all__ = ["inferred_schema"]

_MOST = 256

_lock = threading.Lock()
_known: OrderedDict[Any, StructType | None] = OrderedDict()


def inferred_schema(file_format: FileFormat, request: ReadRequest) -> StructType | None:
    """Return the data columns that a read finds; None if nothing tells them.

    Args:
        file_format: The format.
        request: The files, known by their paths, sizes and times, the options and the settings.
    """
    if request.texts is not None:
        return file_format.infer(request)
    key = (
        file_format.name,
        request.index.files,
        tuple(request.options.items()),
        tuple(sorted(request.conf.explicit().items())),
    )
    with _lock:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    schema = file_format.infer(request)
    with _lock:
        _known[key] = schema
        if len(_known) > _MOST:
            _known.popitem(last=False)
    return schema
