"""Plug-in cards of the Keysight 34980A and of the 34970A, 34972A and DAQ970A: which channels they have.

Sources read: 34970A and 34972A user's guides (module overview, p. 200-213: 34901A, 34903A, 34908A; p. 69: 34903A) and
the DAQ970A user's guide (p. 258) for its cards of the same numbers; "34934A Channel Addressing" of the 34980A
programmer's reference and the 34934A user's guide, p. 228; the 34931A-34933A user's guide, p. 11 and 17; the 34980A
service guide for 34921A and 34922A. 34902A, 34904A, 34937A and 34938A: their number of channels from the titles of
their guides, their numbering not seen printed.

Limits of the contacts, DC (the same guides; 34980A user's guide, table 4). None of them may break the current of a
nanogrid; they pilot contactors:

    34903A, 34901A, 34908A    300 V, 1 A, 50 W: at 48 V 1.04 A
    34932A                    300 V, 1 A switched, 2 A carried, 60 W
    34934A                    100 V, 0.5 A, 10 W; reeds that open without power; not more than 64 closed in one slot
    34937A, 34938A            relays of 1 A and of 5 A; their powers were not seen printed

The channels of the 34903A, and 1 to 28 of the 34937A, are Form C: "open" connects the normally closed contact to
common. The relays of the 34932A, and those of 5 A as delivered, stay as they are when the mainframe loses its power.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """`relays` can be switched by themselves, `inputs` scanned for voltage; numbers within the slot."""

    relays: tuple[int, ...] = ()
    inputs: tuple[int, ...] = ()


def _numbered(last: int) -> tuple[int, ...]:
    return tuple(range(1, last + 1))


def _matrix(rows: int, columns: int, step: int = 100, first: int = 0) -> tuple[int, ...]:
    return tuple(first + step * row + column for row in range(1, rows + 1) for column in range(1, columns + 1))


_ONE_AT_A_TIME = Card(inputs=_numbered(40))  # closing a channel of the 34908A opens the one before
_MUX_20, _MUX_16 = Card(_numbered(20), _numbered(20)), Card(_numbered(16), _numbered(16))
_4_ROWS = Card(_matrix(4, 128, step=200, first=-100))
_8_ROWS = Card(_matrix(8, 64))

CARDS = {
    "34901A": _MUX_20,  # and 21, 22 for current, which are no plain switches
    "34902A": _MUX_16,
    "34903A": Card(_numbered(20)),
    "34904A": Card(_matrix(4, 8, step=10)),
    "34908A": _ONE_AT_A_TIME,
    "DAQM901A": _MUX_20,
    "DAQM902A": _MUX_16,
    "DAQM903A": Card(_numbered(20)),
    "DAQM904A": Card(_matrix(4, 8, step=10)),
    "DAQM908A": _ONE_AT_A_TIME,
    "34921A": Card(_numbered(40), _numbered(40)),  # and 41 to 44 for current
    "34922A": Card(_numbered(70), _numbered(70)),
    "34931A": Card(_matrix(8, 8)),
    "34932A": Card(_matrix(8, 16)),
    "34934A-4x32": _4_ROWS,
    "34934A-4x64": _4_ROWS,
    "34934A-4x128": _4_ROWS,
    "34934A-8x32": _8_ROWS,
    "34934A-8x64": _8_ROWS,
    "34934A-16x32": Card(_matrix(16, 32, step=50, first=50)),
    "34937A": Card(_numbered(32)),
    "34938A": Card(_numbered(20)),
}
"""By the model that SYSTem:CTYPe? answers."""
