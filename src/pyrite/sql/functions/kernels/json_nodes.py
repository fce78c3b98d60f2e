"""JSON texts to the nodes of variants, a whole column at once.

All texts are read together: brackets, commas and the first bytes of values are found among all
bytes, what follows what is checked for all of them, and numbers are converted by Arrow. Texts
that this finds no fault in are the usual ones. The others are left to whoever reads one at a
time: what is no JSON, numbers of more than 18 digits or with large exponents, half pairs of
surrogates, nesting beyond 64, names that come twice, and texts behind the first value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.buffers import binaries, copy_pieces, running_starts, slices_of
from pyrite.sql.functions.kernels.variant_nodes import (
    ARRAY,
    DECIMAL4,
    DOUBLE,
    FALSE,
    INT1,
    NULL,
    OBJECT,
    STRING,
    TRUE,
    Nodes,
)

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["nodes_of_json"]

_DEEPEST = 64
_MOST_DIGITS = 18
_UNKNOWN = 255
# Classes of bytes outside of strings; tokens have those above _BLANK.
_BLANK, _OTHER, _QUOTE, _COLON, _COMMA, _OPEN, _OPEN_LIST, _CLOSE, _CLOSE_LIST = range(9)
_MARKS = {":": _COLON, ",": _COMMA, "{": _OPEN, "[": _OPEN_LIST, "}": _CLOSE, "]": _CLOSE_LIST}
_ESCAPES = {"b": 8, "t": 9, "n": 10, "f": 12, "r": 13, '"': 34, "/": 47, "\\": 92}
_WORDS = ((b"null", NULL), (b"true", TRUE), (b"false", FALSE))


def nodes_of_json(texts: pa.Array) -> tuple[Nodes, Any]:
    """Return the nodes of JSON texts.

    Args:
        texts: The texts; a null has no node.

    Returns:
        The nodes, and which texts were not read: numpy booleans. These have no nodes.
    """
    return _Reader(texts).read()


@dataclass
class _Tokens:
    """Tokens of all texts, in order.

    Attributes:
        at: Where each begins.
        end: Where scalars, and the insides of strings, end.
        row: The text it is in.
        kind: The class of its first byte.
        within: The token that opens the object or array around it, -1 for none.
    """

    at: Any
    end: Any
    row: Any
    kind: Any
    within: Any

    def __getitem__(self, which: Any) -> _Tokens:
        return _Tokens(*(c[which] for c in (self.at, self.end, self.row, self.kind, self.within)))


class _Reader:
    """Reads a column; ``bad`` is which texts are given up."""

    def __init__(self, texts: pa.Array) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if texts.null_count:
            texts = pc.fill_null(texts, pa.scalar("", texts.type))
        data, starts, lengths = slices_of(texts)
        first = int(starts[0]) if len(starts) else 0
        end = int(starts[-1] + lengths[-1]) if len(starts) else 0
        self.data: np.ndarray[Any, Any] = data[first:end]
        self.starts, self.lengths = starts - first, lengths
        self.bad = np.zeros(len(texts), bool)
        self._rows = np.repeat(np.arange(len(texts)), lengths)

    def rows_of(self, places: Any) -> Any:
        """Return the text that bytes belong to."""
        return self._rows[places]

    def read(self) -> tuple[Nodes, Any]:
        import numpy as np

        tokens = self._tokens()
        self._check(tokens)
        tokens, is_key = self._usable(tokens)
        scalars = np.flatnonzero(tokens.kind == _OTHER)
        kind, number, scale = self._scalars(tokens[scalars])
        tokens_of = np.flatnonzero(~is_key & (tokens.kind != _COLON) & (tokens.kind < _CLOSE))
        tokens_of = tokens_of[tokens.kind[tokens_of] != _COMMA]
        nodes = self._nodes(tokens, tokens_of, is_key, (scalars, kind, number, scale))
        return self._without_bad(nodes), self.bad

    # ---- bytes to tokens ----

    def _escaped(self) -> Any:
        """Return the places of bytes behind a backslash that means something."""
        import numpy as np

        slashes = np.flatnonzero(self.data == 0x5C)
        if not len(slashes):
            return slashes
        first = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
        run_lengths = np.diff(first, append=len(slashes))
        within = np.arange(len(slashes)) - np.repeat(first, run_lengths)
        escaped = slashes[within % 2 == 0] + 1
        rows = self.rows_of(escaped - 1)
        last = escaped == self.starts[rows] + self.lengths[rows]
        self.bad[rows[last]] = True
        return escaped[~last]

    def _tokens(self) -> _Tokens:
        import numpy as np

        data = self.data
        self.escaped = self._escaped()
        is_quote = data == 0x22
        is_quote[self.escaped] = False
        quotes = np.flatnonzero(is_quote)
        quote_rows = self.rows_of(quotes)
        counts = np.bincount(quote_rows, minlength=len(self.bad))
        self.bad |= counts % 2 == 1
        kept = ~self.bad[quote_rows]
        opening, closing = quotes[kept][::2], quotes[kept][1::2]
        steps = np.zeros(len(data) + 1, np.int8)
        steps[opening] = 1
        steps[closing] = -1
        inside = np.cumsum(steps[:-1], dtype=np.int8).astype(bool)
        self.bad[self.rows_of(np.flatnonzero(inside & (data < 0x20)))] = True

        kinds = _byte_classes()[data]
        kinds[inside] = _BLANK
        kinds[closing] = _BLANK
        kinds[opening] = _QUOTE
        is_other = kinds == _OTHER
        follows = np.zeros(len(data) + 1, bool)
        follows[1:] = is_other
        follows[self.starts[self.lengths > 0]] = False
        begins = is_other & ~follows[:-1]
        ends = self._ends(is_other)
        at = np.flatnonzero((kinds > _OTHER) | begins)
        kind = kinds[at]
        end = at + 1
        end[kind == _QUOTE] = closing
        end[kind == _OTHER] = ends
        rows = self.rows_of(at)
        return _Tokens(at, end, rows, kind, np.full(len(at), -1))

    def _ends(self, is_other: Any) -> Any:
        """Return where runs of other bytes end, each inside its text."""
        import numpy as np

        goes_on = np.zeros(len(is_other) + 1, bool)
        goes_on[:-1] = is_other
        goes_on[self.starts[self.lengths > 0]] = False
        return np.flatnonzero(is_other & ~goes_on[1:]) + 1

    # ---- what may follow what ----

    def _check(self, tokens: _Tokens) -> None:
        """Give up the texts whose brackets do not match, and find what is in which."""
        import numpy as np

        is_open = (tokens.kind == _OPEN) | (tokens.kind == _OPEN_LIST)
        is_close = tokens.kind >= _CLOSE
        self.bad[:] |= np.bincount(tokens.row, minlength=len(self.bad)) == 0
        # Brackets of texts that are given up would move those of the texts behind them.
        steps = np.where(self.bad[tokens.row], 0, is_open.astype(np.int64) - is_close)
        depth = np.cumsum(steps)
        first = np.flatnonzero(np.diff(tokens.row, prepend=-1))
        base = (depth - steps)[first]
        depth -= np.repeat(base, np.diff(first, append=len(depth)))
        last = np.append(first, len(depth))[1:] - 1
        self.bad[tokens.row[last[depth[last] != 0]]] = True
        self.bad[tokens.row[(depth < 0) | (depth > _DEEPEST)]] = True

    def _usable(self, tokens: _Tokens) -> tuple[_Tokens, Any]:
        """Return the tokens of texts that are JSON, and which of them are names."""
        import numpy as np

        tokens = tokens[~self.bad[tokens.row]]
        kind = tokens.kind
        is_open = (kind == _OPEN) | (kind == _OPEN_LIST)
        is_close = kind >= _CLOSE
        inner = np.cumsum(is_open.astype(np.int64) - is_close)
        outer = np.where(is_open, inner - 1, inner + is_close)
        for depth in range(1, int(outer.max(initial=0)) + 1):
            opens = np.flatnonzero(is_open & (inner == depth))
            members = np.flatnonzero(outer == depth)
            tokens.within[members] = opens[np.searchsorted(opens, members, "right") - 1]
        around = np.where(tokens.within >= 0, kind[tokens.within], 0)
        before = np.zeros(len(kind), kind.dtype)
        before[1:] = kind[:-1]
        is_first = np.diff(tokens.row, prepend=-1) != 0
        before[is_first] = _BLANK
        after_comma = before == _COMMA
        in_object = around == _OPEN
        is_key = (kind == _QUOTE) & in_object & (after_comma | (before == _OPEN))
        ends_value = is_close | (kind == _OTHER) | ((kind == _QUOTE) & ~is_key)
        after_value = np.zeros(len(kind), bool)
        after_value[1:] = ends_value[:-1]
        after_key = np.zeros(len(kind), bool)
        after_key[1:] = is_key[:-1]
        starts_value = is_open | (kind == _OTHER) | (kind == _QUOTE)
        good = np.where(
            starts_value,
            np.select(
                [around == _BLANK, in_object],
                [is_first, is_key | (before == _COLON)],
                after_comma | (before == _OPEN_LIST),
            ),
            np.select(
                [kind == _COLON, kind == _COMMA],
                [after_key, after_value & (around != _BLANK)],
                (around == kind - 2) & (after_value | (before == kind - 2)),
            ),
        )
        self.bad[tokens.row[~good]] = True
        return tokens, is_key

    # ---- scalars ----

    def _gather(self, starts: Any, lengths: Any, kind: pa.DataType, data: Any = None) -> pa.Array:
        import numpy as np

        offsets = running_starts(lengths)
        gathered = np.zeros(int(offsets[-1]), np.uint8)
        copy_pieces(self.data if data is None else data, starts, lengths, gathered, offsets[:-1])
        return binaries(gathered, offsets, kind)

    def _scalars(self, tokens: _Tokens) -> tuple[Any, Any, Any]:
        """Return the kind, the number and the scale of words and numbers."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        lengths = tokens.end - tokens.at
        kind = np.full(len(lengths), _UNKNOWN, np.uint8)
        number = np.zeros(len(lengths), np.int64)
        scale = np.zeros(len(lengths), np.uint8)
        for word, found in _WORDS:
            alike = np.flatnonzero(lengths == len(word))
            for place, byte in enumerate(word):
                alike = alike[self.data[tokens.at[alike] + place] == byte]
            kind[alike] = found
        left = np.flatnonzero((kind == _UNKNOWN) & (lengths <= 32))
        texts = self._gather(tokens.at[left], lengths[left], pa.string())
        whole = pc.match_substring_regex(
            texts, r"^-?(0|[1-9][0-9]{0,17}|[1-8][0-9]{18})$"
        ).to_numpy(False)
        if whole.any():
            at = left[whole]
            number[at] = pc.cast(texts.filter(pa.array(whole)), pa.int64()).to_numpy()
            kind[at] = _integer_kinds(number[at])
        if not whole.all():
            rest = pa.array(~whole)
            self._fractions(left[~whole], texts.filter(rest), kind, number, scale)
        self.bad[tokens.row[kind == _UNKNOWN]] = True
        kind[kind == _UNKNOWN] = NULL
        return kind, number, scale

    def _fractions(self, at: Any, texts: pa.Array, kind: Any, number: Any, scale: Any) -> None:
        """Read decimals, and doubles, which have an exponent."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        exact = pc.match_substring_regex(texts, r"^-?(0|[1-9][0-9]*)\.[0-9]+$").to_numpy(False)
        exact &= pc.binary_length(texts).to_numpy(zero_copy_only=False) <= _MOST_DIGITS + 1
        if exact.any():
            found = texts.filter(pa.array(exact))
            size = pc.binary_length(found).to_numpy()
            digits = pc.cast(pc.replace_substring(found, ".", ""), pa.int64()).to_numpy()
            places = size - 1 - pc.find_substring(found, ".").to_numpy()
            number[at[exact]], scale[at[exact]] = digits, places
            powers = 10 ** np.arange(19, dtype=np.int64)
            precision = np.maximum(np.searchsorted(powers, np.abs(digits), "right"), places)
            kind[at[exact]] = DECIMAL4 + (precision > 9)
        floats = pc.match_substring_regex(
            texts, r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?[eE][+-]?[0-9]{1,2}$"
        ).to_numpy(False)
        if floats.any():
            doubles = pc.cast(texts.filter(pa.array(floats)), pa.float64()).to_numpy()
            number[at[floats]], kind[at[floats]] = doubles.view(np.int64), DOUBLE

    # ---- texts ----

    def _unescaped(self) -> tuple[Any, Any]:
        """Return the bytes with escapes resolved, and where each old byte is there."""
        import numpy as np

        if not len(self.escaped):
            return self.data, None
        data, kept = self.data.copy(), np.ones(len(self.data), bool)
        kept[self.escaped - 1] = False
        meanings = np.zeros(256, np.uint8)
        for letter, meaning in _ESCAPES.items():
            meanings[ord(letter)] = meaning
        letters = self.data[self.escaped]
        data[self.escaped] = meanings[letters]
        is_code = letters == ord("u")
        unknown = (meanings[letters] == 0) & ~is_code
        self.bad[self.rows_of(self.escaped[unknown])] = True
        self._codes(self.escaped[is_code], data, kept)
        return data, running_starts(kept)

    def _codes(self, at: Any, data: Any, kept: Any) -> None:
        """Write the characters of four digits in base 16 over these."""
        import numpy as np

        rows = self.rows_of(at)
        fits = at + 5 <= self.starts[rows] + self.lengths[rows]
        self.bad[rows[~fits]] = True
        at = at[fits]
        values = np.full(256, 1 << 16, np.int64)
        for value, digit in enumerate("0123456789abcdef"):
            values[[ord(digit), ord(digit.upper())]] = value
        codes = sum(values[self.data[at + 1 + i]] << 12 - 4 * i for i in range(4))
        odd = (codes >= 1 << 16) | ((codes >= 0xD800) & (codes < 0xE000))
        self.bad[self.rows_of(at[odd])] = True
        at, codes = at[~odd], np.asarray(codes)[~odd]
        sizes = 1 + (codes >= 0x80) + (codes >= 0x800)
        for i in range(5):
            kept[at + i] = sizes >= 5 - i
        data[at + 4] = np.where(sizes == 1, codes, 0x80 | codes & 0x3F)
        two, three = sizes == 2, sizes == 3
        data[at[two] + 3] = 0xC0 | codes[two] >> 6
        data[at[three] + 3] = 0x80 | codes[three] >> 6 & 0x3F
        data[at[three] + 2] = 0xE0 | codes[three] >> 12

    # ---- nodes ----

    def _nodes(self, tokens: _Tokens, chosen: Any, is_key: Any, scalars: Any) -> Nodes:
        import numpy as np
        import pyarrow as pa

        at_scalar, kind, number, scale = scalars
        kinds = np.zeros(len(tokens.kind), np.uint8)
        numbers = np.zeros(len(tokens.kind), np.int64)
        scales = np.zeros(len(tokens.kind), np.uint8)
        kinds[at_scalar], numbers[at_scalar], scales[at_scalar] = kind, number, scale
        for mark, nested in ((_OPEN, OBJECT), (_OPEN_LIST, ARRAY), (_QUOTE, STRING)):
            kinds[tokens.kind == mark] = nested
        data, moved = self._unescaped()
        text_at, text_end = tokens.at + (tokens.kind == _QUOTE), tokens.end
        if moved is not None:
            text_at, text_end = moved[text_at], moved[text_end]
            data = data[np.diff(moved) > 0]
        keys = np.flatnonzero(is_key)
        lengths = np.maximum(text_end - text_at, 0)
        coded = self._gather(text_at[keys], lengths[keys], pa.string(), data).dictionary_encode()
        key_of = np.full(len(tokens.kind) + 2, -1)
        key_of[keys + 2] = coded.indices.to_numpy(zero_copy_only=False)
        place = np.full(len(tokens.kind) + 1, -1)
        place[chosen] = np.arange(len(chosen))
        is_text = tokens.kind[chosen] == _QUOTE
        depths = np.zeros(len(chosen), np.int64)
        parents = place[tokens.within[chosen]]
        opened = (kinds[chosen] >= OBJECT).astype(np.int64)
        steps = opened.copy()
        closes = np.flatnonzero(tokens.kind >= _CLOSE)
        closed = np.bincount(np.searchsorted(chosen, closes), minlength=len(chosen) + 1)
        depths = np.cumsum(steps) - opened - np.cumsum(closed)[: len(chosen)]
        return Nodes(
            len(self.bad),
            tokens.row[chosen],
            parents,
            depths,
            kinds[chosen],
            np.where(parents >= 0, key_of[:-2][chosen], -1),
            numbers[chosen],
            scales[chosen],
            text_at[chosen],
            np.where(is_text, lengths[chosen], 0),
            coded.dictionary,
            data,
            text_end[chosen],
        )

    def _without_bad(self, nodes: Nodes) -> Nodes:
        """Drop the nodes of texts that are given up, also those with a name twice."""
        import numpy as np
        import pyarrow as pa

        named = np.flatnonzero(nodes.key >= 0)
        fields = nodes.parent[named] * max(len(nodes.names), 1) + nodes.key[named]
        coded = pa.array(fields).dictionary_encode()
        if len(coded.dictionary) < len(named):
            codes = coded.indices.to_numpy(zero_copy_only=False)
            again = np.bincount(codes)[codes] > 1
            self.bad[nodes.row[named[again]]] = True
        kept = ~self.bad[nodes.row]
        if kept.all():
            return nodes
        moved = np.append(running_starts(kept)[:-1], -1)
        return Nodes(
            nodes.rows,
            nodes.row[kept],
            moved[nodes.parent[kept]],
            nodes.depth[kept],
            nodes.kind[kept],
            nodes.key[kept],
            nodes.number[kept],
            nodes.scale[kept],
            nodes.start[kept],
            nodes.length[kept],
            nodes.names,
            nodes.data,
            nodes.end[kept],
        )


def _byte_classes() -> Any:
    import numpy as np

    classes = np.full(256, _OTHER, np.uint8)
    classes[[ord(blank) for blank in " \t\r\n"]] = _BLANK
    for mark, found in _MARKS.items():
        classes[ord(mark)] = found
    return classes


def _integer_kinds(numbers: Any) -> Any:
    """Return the smallest kinds that hold whole numbers."""
    magnitude = numbers ^ numbers >> 63
    kinds = (magnitude >= 1 << 7) + (magnitude >= 1 << 15).astype(int) + (magnitude >= 1 << 31)
    return INT1 + kinds
