"""Channel lists of Keysight's switch units, their own error codes, and how a list of readings or states comes back."""

import re
from collections.abc import Callable, Iterable, Sequence

from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import channel_list

NO_SUCH_SLOT, NO_SUCH_CHANNEL, EMPTY_SCAN_LIST, NOT_ABLE = 111, 112, 113, 308
TEXTS = {
    NO_SUCH_SLOT: "Channel list: slot number out of range",
    NO_SUCH_CHANNEL: "Channel list: channel number out of range",
    EMPTY_SCAN_LIST: "Channel list: empty scan list",
    NOT_ABLE: "Channel not able to perform requested operation",
    -350: "Error queue overflow",
}
"""[K]: codes and texts as they are remembered of the 34970A; no list of them was at hand."""

_EMPTY = re.compile(r"\(\s*@\s*\)")


def channels_of(known: Sequence[int], hundred: int, *, empty: bool = False) -> Callable[[str], tuple[int, ...]]:
    """A list of channels of `known`; `hundred` is what a slot adds to their numbers."""
    slots = {channel // hundred for channel in known}
    among = channel_list(known, NO_SUCH_CHANNEL)

    def read(text: str) -> tuple[int, ...]:
        if empty and _EMPTY.fullmatch(text):
            return ()
        if any(int(number) // hundred not in slots for number in re.findall(r"\d+", text)):
            raise ScpiError(NO_SUCH_SLOT)
        return among(text)

    return read


def able(among: Callable[[str], tuple[int, ...]], inputs: Sequence[int]) -> Callable[[str], tuple[int, ...]]:
    """A list of channels all of which can be measured."""

    def read(text: str) -> tuple[int, ...]:
        wanted = among(text)
        if not set(wanted) <= set(inputs):
            raise ScpiError(NOT_ABLE)
        return wanted

    return read


def block(channels: Iterable[int]) -> str:
    """A scan list as a definite block: #214(@101,102,103)."""
    text = f"(@{','.join(str(channel) for channel in channels)})"
    digits = str(len(text))
    return f"#{len(digits)}{digits}{text}"


def flags(states: Iterable[bool]) -> str:
    """1,0,0"""
    return ",".join(str(int(state)) for state in states)


def exponents(values: Iterable[float]) -> str:
    """+1.00000000E+01,+1.00000000E+00"""
    return ",".join(f"{value:+.8E}" for value in values)
