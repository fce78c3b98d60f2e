"""Amounts of bytes for people, and tables of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["human", "table"]


def human(size: int) -> str:
    """Return a size with Hadoop's unit for it.

    Example:
        >>> human(4096), human(1234567), human(4), human(270553174016)
        ('4 K', '1.2 M', '4', '252.0 G')
    """
    unit = next((unit for unit in reversed(range(1, 7)) if abs(size) >= 1 << 10 * unit), 0)
    if not unit:
        return str(size)
    amount = size / (1 << 10 * unit)
    exact = size % (1 << 10 * unit) == 0
    return f"{int(amount) if exact else format(amount, '.1f')} {'KMGTPE'[unit - 1]}"


def table(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Return rows as lines, with two spaces between columns as wide as their widest cell.

    Args:
        rows: The cells.
        right: The columns whose cells stand to the right; the last column is not padded.
    """
    if not rows:
        return []
    to_the_right = set(right)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def cell(text: str, column: int) -> str:
        if column in to_the_right:
            return text.rjust(widths[column])
        return text if column == len(widths) - 1 else text.ljust(widths[column])

    return ["  ".join(cell(text, column) for column, text in enumerate(row)) for row in rows]
