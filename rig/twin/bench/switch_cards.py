"""Plug-in cards of Keysight's switch and data acquisition units, and which are in the slots of the bench's models.

Written from the modules' guides: channels as they are addressed, relays that keep their state without power, inputs
that can be measured. A row and column of a matrix is row times 100 plus column (34932A) or row times 10 plus column
(DAQM904A).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SwitchCard:
    """`name` is what the unit says of it. `inputs` are those of its channels that can be measured."""

    name: str
    relays: tuple[int, ...]
    inputs: tuple[int, ...] = ()
    latching: bool = False


def _matrix(rows: int, columns: int, step: int) -> tuple[int, ...]:
    return tuple(step * row + column for row in range(1, rows + 1) for column in range(1, columns + 1))


_TWENTY, _FORTY = tuple(range(1, 21)), tuple(range(1, 41))

SLOTS: dict[str, tuple[SwitchCard | None, ...]] = {
    "keysight_34980a": (
        SwitchCard("34921A", _FORTY, _FORTY),
        SwitchCard("34938A", _TWENTY, latching=True),
        None,
        SwitchCard("34932A", _matrix(8, 16, 100), latching=True),
        SwitchCard("34937A", tuple(range(1, 33))),
        None,
        None,
        None,
    ),
    "keysight_34972a": (
        SwitchCard("34901A", _TWENTY, _TWENTY, latching=True),
        SwitchCard("34903A", _TWENTY, latching=True),
        None,
    ),
    "keysight_daq970a": (
        SwitchCard("DAQM901A", _TWENTY, _TWENTY, latching=True),
        SwitchCard("DAQM903A", _TWENTY, latching=True),
        SwitchCard("DAQM904A", _matrix(4, 8, 10), latching=True),
    ),
}
"""By the scene's name of the model."""


def hundred(model: str) -> int:
    """What a slot adds to the number of a channel."""
    return 1000 if len(SLOTS[model]) > 3 else 100


def channels(model: str) -> dict[int, SwitchCard]:
    """All channels that are relays, as printed, and the card that each is on."""
    slots = enumerate(SLOTS[model], 1)
    return {hundred(model) * slot + channel: card for slot, card in slots if card for channel in card.relays}


def inputs(model: str) -> tuple[int, ...]:
    """All channels that can be measured, as printed."""
    return tuple(channel for channel, card in channels(model).items() if channel % hundred(model) in card.inputs)
