"""Random values of a seed: the sequence Spark gives the rows of a partition.

Doubles and Gaussian numbers are made of the generator's bits as Java's ``Random`` makes them.
"""

from __future__ import annotations

import math
import random
import uuid

from pyrite.core.rdd.xor_shift import XorShift

__all__ = ["SeededRandom", "SeededUUIDs"]

_CHARACTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class SeededRandom(XorShift):
    """One sequence of random numbers.

    Args:
        seed: A 64-bit number; a partition adds its index.

    Example:
        >>> SeededRandom(0).uniform()
        0.7604953758285915
    """

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._spare: float | None = None

    def uniform(self) -> float:
        """Return a number from 0 to, but not including, 1."""
        return ((self.bits(26) << 27) + self.bits(27)) * 2.0**-53

    def gaussian(self) -> float:
        """Return a number of the standard normal distribution."""
        if self._spare is not None:
            found, self._spare = self._spare, None
            return found
        while True:
            x, y = 2 * self.uniform() - 1, 2 * self.uniform() - 1
            square = x * x + y * y
            if 0 < square < 1:
                break
        factor = math.sqrt(-2 * math.log(square) / square)
        self._spare = y * factor
        return x * factor

    def text(self, length: int) -> str:
        """Return so many letters and digits.

        Example:
            >>> SeededRandom(0).text(5)
            'ceV0P'
        """
        return "".join(_CHARACTERS[self._digit()] for _ in range(length))

    def _digit(self) -> int:
        bits = self.bits(32)
        return abs(bits - (1 << 32) if bits >> 31 else bits) % len(_CHARACTERS)


class SeededUUIDs:
    """One sequence of random identifiers, drawn from a Mersenne twister.

    Args:
        seed: A 64-bit number; a partition adds its index.

    Example:
        >>> SeededUUIDs(123).draw()
        '4c99192d-23d6-4d88-b814-a634398120f0'
    """

    def __init__(self, seed: int) -> None:
        high, low = (seed >> 32) & 0xFFFFFFFF, seed & 0xFFFFFFFF
        # The twister begins with both halves of the seed, the higher one first.
        self._twister = random.Random(low << 32 | high)

    def draw(self) -> str:
        """Return the next identifier, a random one of version 4."""
        high = self._long() & ~0xF000 | 0x4000
        low = self._long() & ~(0b11 << 62) | 0b10 << 62
        return str(uuid.UUID(int=high << 64 | low))

    def _long(self) -> int:
        return self._twister.getrandbits(32) << 32 | self._twister.getrandbits(32)
