"""Lines of CSV to columns of texts, all at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["split_lines"]


def split_lines(
    lines: pa.Array, count: int, marks: tuple[str, str, str]
) -> tuple[list[pa.Array], Any]:
    """Split lines in their usual form into fields.

    Args:
        lines: The lines.
        count: How many fields a line has.
        marks: The separator, the quote and the escape character.

    Returns:
        A column of texts for each field, and which lines these are of, as numpy booleans. The
        others have more or fewer fields, line breaks, or quotes elsewhere than around a field, or
        escapes inside of these.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv

    separator, quote, escape = marks
    usual = np.zeros(len(lines), bool)
    if not count or len(separator) != 1 or len(quote) > 1 or not separator.isascii():
        return [], usual
    plain = rf"[^\r\n{re.escape(separator + quote)}]*"
    inside = rf"[^\r\n{re.escape(quote + escape)}]*"
    field = f"(?:{plain}|{re.escape(quote)}{inside}{re.escape(quote)})" if quote else plain
    pattern = f"^{field}" + f"{re.escape(separator)}{field}" * (count - 1) + "$"
    fits = pc.fill_null(pc.match_substring_regex(lines, pattern), False)
    usual = fits.to_numpy(zero_copy_only=False)
    chosen = lines.filter(fits)
    if not len(chosen):
        return [], usual
    data = pa.py_buffer("\n".join([*chosen.to_pylist(), ""]).encode())
    names = [str(index) for index in range(count)]
    table = pyarrow.csv.read_csv(
        pa.BufferReader(data),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=data.size + 1, column_names=names),
        pyarrow.csv.ParseOptions(
            delimiter=separator,
            quote_char=quote or False,
            double_quote=False,
            ignore_empty_lines=False,
        ),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    return [column.combine_chunks() for column in table.columns], usual
