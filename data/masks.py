"""Masked application numbers: a stand-in that is stable in a snapshot and says nothing of the number.

A masked number is the application's place in the snapshot, enciphered. Taking it back needs no look
through the table, and one that was made up is refused.

References
----------
Luby & Rackoff (1988), How to construct pseudorandom permutations from pseudorandom functions: four
rounds with a keyed hash cannot be told from a random permutation.
"""

from __future__ import annotations

import hashlib
import hmac
import re

HALF = 32
"""Bits of half a block: places go up to four thousand million, the other half must come back as zero."""
ROUNDS = range(4)
WRITTEN = re.compile(r"M-([0-9a-f]{16})", re.IGNORECASE)


class Masks:
    """Turns places into masked numbers and back.

    Parameters
    ----------
    key : bytes
        A secret: whoever has it can unmask.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def mask(self, row_no: int) -> str:
        """Return the masked number of a place."""
        left, right = 0, row_no
        for turn in ROUNDS:
            left, right = right, left ^ self._mix(turn, right)
        return f"M-{(left << HALF) | right:016x}"

    def unmask(self, number: str) -> int | None:
        """Return the place that a masked number stands for; None when it is none of ours."""
        written = WRITTEN.fullmatch(number.strip())
        if written is None:
            return None
        block = int(written[1], 16)
        left, right = block >> HALF, block & ((1 << HALF) - 1)
        for turn in reversed(ROUNDS):
            left, right = right ^ self._mix(turn, left), left
        return right if left == 0 else None

    def _mix(self, turn: int, half: int) -> int:
        digest = hmac.digest(self._key, turn.to_bytes(1) + half.to_bytes(HALF // 8), hashlib.sha256)
        return int.from_bytes(digest[: HALF // 8])
