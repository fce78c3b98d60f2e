"""Functions of texts, a column at a time, as Spark's functions of these names compute them.

What DuckDB's own functions say is left to them; these are over the characters of all rows.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.characters import (
    BETWEEN,
    bytes_of,
    characters_of,
    from_bytes,
    from_characters,
    grid,
    map_joined,
    row_numbers,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "initcap",
    "levenshtein",
    "lower",
    "luhn_check",
    "mask",
    "reverse",
    "soundex",
    "upper",
]


def upper(texts: pa.Array) -> pa.Array:
    """Write texts in upper case; some letters become several."""
    return map_joined(texts, str.upper)


def lower(texts: pa.Array) -> pa.Array:
    """Write texts in lower case."""
    return map_joined(texts, str.lower)


def reverse(texts: pa.Array) -> pa.Array:
    """Write texts backwards, character by character."""
    import pyarrow.compute as pc

    return pc.utf8_reverse(texts)


def initcap(texts: pa.Array) -> pa.Array:
    """Write each word, between blanks, with a capital and the rest in lower case.

    Each different word is changed once.

    Example:
        >>> import pyarrow as pa
        >>> initcap(pa.array(["ÉCOLE éTÉ"])).to_pylist()
        ['École Été']
    """

    def change(joined: str) -> str:
        words = joined.replace(BETWEEN, f" {BETWEEN} ").split(" ")
        capitalized = {word: _capitalized(word) for word in set(words)}
        return " ".join([capitalized[word] for word in words]).replace(f" {BETWEEN} ", BETWEEN)

    return map_joined(texts, change)


def _capitalized(word: str) -> str:
    first = word[:1]
    return first.title() + word.lower()[len(first.lower()) :]


#: What a character is to ``mask``, by its Unicode category.
_KINDS = {"Lu": 0, "Ll": 1, "Nd": 2}
_OTHER = len(_KINDS)


@cache
def _kinds_of_characters() -> Any:
    """Return the kind of each character of the basic plane, by code point."""
    import numpy as np

    kinds = (_KINDS.get(unicodedata.category(chr(code)), _OTHER) for code in range(0x10000))
    return np.fromiter(kinds, np.uint8, 0x10000)


def mask(texts: pa.Array, *_: pa.Array, by: tuple[str | None, ...]) -> pa.Array:
    """Replace characters by kind.

    Args:
        texts: The texts.
        by: What upper case, lower case, digits and others become; None leaves them as they are.
    """
    import numpy as np

    codes, starts = characters_of(texts)
    beyond = codes >= 0x10000
    kinds = _kinds_of_characters()[np.where(beyond, 0, codes)]
    for code in np.unique(codes[beyond]):
        kinds[codes == code] = _KINDS.get(unicodedata.category(chr(code)), _OTHER)
    masked = codes.copy()
    for kind, character in enumerate(by):
        if character is not None:
            masked[kinds == kind] = ord(character)
    return from_characters(masked, starts, texts)


#: The code of each letter from A; 0 separates equal codes, 7 (H and W) does not.
_SOUNDS = "01230127022455012623017202"
_SILENT = 7


@cache
def _sounds_of_bytes() -> Any:
    import numpy as np

    sounds = np.zeros(256, np.uint8)
    for place, sound in enumerate(_SOUNDS):
        sounds[[ord("A") + place, ord("a") + place]] = int(sound)
    return sounds


def soundex(texts: pa.Array) -> pa.Array:
    """Return the Soundex codes of words; a text that begins with no letter stays as it is.

    Example:
        >>> import pyarrow as pa
        >>> soundex(pa.array(["Ashcraft", "7up", None])).to_pylist()
        ['A261', '7up', None]
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    data, starts = bytes_of(texts)
    if not len(data):
        return texts
    rows, sounds = row_numbers(starts), _sounds_of_bytes()[data]
    first = np.zeros(len(data), np.bool_)
    first[starts[:-1][np.diff(starts) > 0]] = True
    heard = first | (sounds != _SILENT)
    rows, sounds, first = rows[heard], sounds[heard], first[heard]
    before = np.concatenate([[0], sounds[:-1]])
    coded = (sounds > 0) & (sounds != before) & ~first
    count = np.cumsum(coded)
    # The first sounds of the rows are where each row begins to count.
    begun = np.zeros(len(texts), np.int64)
    begun[rows[first]] = count[first]
    place = count - begun[rows]
    coded &= place <= 3
    letters = np.full((len(texts), 4), ord("0"), np.uint8)
    letters[rows[coded], place[coded]] = sounds[coded] + ord("0")
    initial = np.zeros(len(texts), np.uint8)
    initial[np.diff(starts) > 0] = data[starts[:-1][np.diff(starts) > 0]] & 0xDF
    letters[:, 0] = initial
    is_letter = (initial >= ord("A")) & (initial <= ord("Z"))
    letters[~is_letter, 0] = ord("A")  # for the texts that stay, which is not read
    coded_texts = from_bytes(letters, np.arange(len(texts) + 1) * 4, texts, pa.string())
    return pc.if_else(pa.array(is_letter), coded_texts, texts)


def luhn_check(texts: pa.Array) -> pa.Array:
    """Tell which texts are digits that are valid by Luhn's rule.

    Example:
        >>> import pyarrow as pa
        >>> luhn_check(pa.array(["4111111111111111", "4111", "", None])).to_pylist()
        [True, False, False, None]
    """
    import numpy as np
    import pyarrow as pa

    data, starts = bytes_of(texts)
    rows, digits = row_numbers(starts), data.astype(np.int64) - ord("0")
    from_end = starts[1:][rows] - 1 - np.arange(len(data))
    weighed = digits * (1 + from_end % 2)
    weighed -= 9 * (weighed > 9)
    sums = np.bincount(rows, weighed, len(texts)).astype(np.int64)
    wrong = np.bincount(rows, (digits < 0) | (digits > 9), len(texts))
    valid = (sums % 10 == 0) & (wrong == 0) & (np.diff(starts) > 0)
    return pa.array(valid, mask=texts.is_null().to_numpy(zero_copy_only=False))


def levenshtein(left: pa.Array, right: pa.Array, *threshold: pa.Array) -> pa.Array:
    """Return how many changes of one character make one text the other.

    All rows walk through the same table of prefixes at once.

    Returns:
        -1 where there are more than the threshold; null where an argument is.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    (left_codes, left_starts), (right_codes, right_starts) = map(characters_of, (left, right))
    rows, columns = np.diff(left_starts), np.diff(right_starts)
    first, second = (
        grid(codes.astype(np.int64), starts, -1)
        for codes, starts in ((left_codes, left_starts), (right_codes, right_starts))
    )
    width = second.shape[1] + 1
    line = np.broadcast_to(np.arange(width), (len(left), width)).copy()
    changes = line[np.arange(len(left)), columns]
    places = np.arange(width)
    for step in range(first.shape[1]):
        other = np.empty_like(line)
        other[:, 0] = step + 1
        other[:, 1:] = np.minimum(line[:, 1:] + 1, line[:, :-1] + (second != first[:, step, None]))
        # An insertion costs one more than its left neighbour: a running minimum says it for all.
        line = np.minimum.accumulate(other - places, axis=1) + places
        done = rows == step + 1
        changes[done] = line[done, columns[done]]
    result = pa.array(changes, pa.int32())
    unknown = pc.or_(left.is_null(), right.is_null())
    for limit in threshold:
        result = pc.if_else(pc.greater(result, limit), pa.scalar(-1, pa.int32()), result)
    return pc.if_else(unknown, None, result)
