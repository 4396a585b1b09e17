"""The relays of Keysight's switch units: what their commands do to the coils, and what the cards count.

A channel of a multiplexer opens the card's others while one of them is on the scan list. Every closing is counted.
"""

from collections.abc import Iterable, Sequence

from rig.twin.bench.switch_cards import channels, hundred
from rig.twin.wire.keysight_channels import flags
from rig.twin.wire.roles import Relays

Cycles = dict[int, int]
"""How often each relay has closed: permanent memory of the cards."""


class Switch:
    """All slots of a unit. `scanned` is its scan list."""

    def __init__(self, model: str, relays: Relays, cycles: Cycles, scanned: Sequence[int]) -> None:
        self._relays, self._cycles, self._scanned = relays, cycles, scanned
        self._slots = {channel: channel // hundred(model) for channel in channels(model)}

    def close(self, wanted: Sequence[int]) -> None:
        for slot in self._slots_of(self._scanned) & self._slots_of(wanted):
            self.open(self._others(slot, wanted))
        for channel in wanted:
            if not self._relays.coil(channel):
                self.count(channel)
        self._relays.set_coils([(channel, True) for channel in wanted])

    def close_alone(self, wanted: Sequence[int]) -> None:
        """The other channels of the same cards are opened first."""
        for slot in self._slots_of(wanted):
            self.open(self._others(slot, wanted))
        self.close(wanted)

    def open(self, wanted: Iterable[int]) -> None:
        self._relays.set_coils([(channel, False) for channel in wanted])

    def open_slot(self, slot: int | None) -> None:
        """None: all of them."""
        self.open(channel for channel, own in self._slots.items() if slot in (None, own))

    def closed(self, wanted: Sequence[int]) -> str:
        return flags(self._relays.coil(channel) for channel in wanted)

    def opened(self, wanted: Sequence[int]) -> str:
        return flags(not self._relays.coil(channel) for channel in wanted)

    def count(self, channel: int) -> None:
        self._cycles[channel] = self._cycles.get(channel, 0) + 1

    def counts(self, wanted: Sequence[int]) -> str:
        return ",".join(f"{self._cycles.get(channel, 0):+d}" for channel in wanted)

    def forget(self, wanted: Sequence[int]) -> None:
        for channel in wanted:
            self._cycles.pop(channel, None)

    def _slots_of(self, wanted: Sequence[int]) -> set[int]:
        return {self._slots[channel] for channel in wanted}

    def _others(self, slot: int, wanted: Sequence[int]) -> list[int]:
        return [channel for channel, own in self._slots.items() if own == slot and channel not in wanted]
