"""Batches of records to bytes and back, as they cross a shuffle, a spill or a block.

In the order of use:

* ``columns``: batches of numeric records as two arrays;
* ``batches``: one batch as a tagged, length-prefixed frame; many frames in a file;
* ``pyspark_batches``: how many elements PySpark would put into a batch, where programs see it.
"""

from pyrite.core.serializers.batches import (
    BATCH_SIZE,
    Frame,
    dump_batch,
    dump_batches,
    dump_columns,
    frame_header,
    iter_frames,
    load_batches,
    pickle_batch,
    pickle_records,
)
from pyrite.core.serializers.columns import PAIRS, Columns, is_numeric_record, to_columns

__all__ = [
    "BATCH_SIZE",
    "PAIRS",
    "Columns",
    "Frame",
    "dump_batch",
    "dump_batches",
    "dump_columns",
    "frame_header",
    "is_numeric_record",
    "iter_frames",
    "load_batches",
    "pickle_batch",
    "pickle_records",
    "to_columns",
]
