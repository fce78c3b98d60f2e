"""The input files, made from a seed: the same bytes on every machine, with the standard library.

A file is made once for each scale and kept.
"""

import os
import random
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

WORDS = 5_000_000
VOCABULARY = 50_000
WORDS_IN_A_LINE = 10
NUMBERS = 2_000_000
NODES = 200_000
EDGES = 1_500_000

_LETTERS = "etaoinshrdlucmfwypvbgkjqxz"


def words(scale: float) -> Iterator[str]:
    """Lines of words whose frequencies fall as those of a language do (Zipf's law)."""
    dice = random.Random(1)
    vocabulary = ["".join(dice.choices(_LETTERS, k=dice.randint(2, 9))) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    for _ in range(round(WORDS * scale / WORDS_IN_A_LINE)):
        yield " ".join(dice.choices(vocabulary, cum_weights=weights, k=WORDS_IN_A_LINE))


def numbers(scale: float) -> Iterator[str]:
    """One random number to a line."""
    dice = random.Random(2)
    for _ in range(round(NUMBERS * scale)):
        yield str(dice.randrange(1_000_000_000))


def edges(scale: float) -> Iterator[str]:
    """Lines ``from to`` of a graph in which a few nodes have most of the incoming edges."""
    dice = random.Random(3)
    nodes = max(2, round(NODES * scale))
    for _ in range(round(EDGES * scale)):
        yield f"{dice.randrange(nodes)} {int(nodes * dice.random() ** 3)}"


def nodes(scale: float) -> Iterator[str]:
    """Lines ``node name``, one for each node of the graph, in no order."""
    dice = random.Random(4)
    order = list(range(max(2, round(NODES * scale))))
    dice.shuffle(order)
    for node in order:
        yield f"{node} {''.join(dice.choices(_LETTERS, k=8))}"


_MAKERS: dict[str, Callable[[float], Iterator[str]]] = {
    "words.txt": words,
    "numbers.txt": numbers,
    "edges.txt": edges,
    "nodes.txt": nodes,
}


def prepare(folder: Path, scale: float, names: tuple[str, ...]) -> Path:
    """Make the files that are not there yet, and return the folder that has them.

    Args:
        folder: Where data of all scales is kept.
        scale: 1.0 for the full size.
        names: The files wanted.
    """
    place = folder / f"scale-{scale:g}"
    place.mkdir(parents=True, exist_ok=True)
    for name in names:
        target = place / name
        if target.exists():
            continue
        unfinished = target.with_suffix(".unfinished")
        with unfinished.open("w", encoding="ascii", newline="\n") as file:
            file.writelines(line + "\n" for line in _MAKERS[name](scale))
        os.replace(unfinished, target)
    return place
