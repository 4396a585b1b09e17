"""The relay board: 32 coils, of which some pilot contactors."""

from collections.abc import Iterable, Mapping

from rig.twin.bench.contactor import ContactorPhysics

CHANNELS = 32


class RelayPhysics:
    """Coil states of a 32-channel board. Channels count from 1; ValueError outside."""

    def __init__(self, contactors: Mapping[int, ContactorPhysics]) -> None:
        self._contactors = dict(contactors)
        self._coils = [False] * CHANNELS

    def set_coil(self, channel: int, on: bool) -> None:
        self._coils[_index(channel)] = on
        if (contactor := self._contactors.get(channel)) is not None:
            contactor.drive(on)

    def set_coils(self, states: Iterable[tuple[int, bool]]) -> None:
        """Several coils at one instant."""
        for channel, on in states:
            self.set_coil(channel, on)

    def coil(self, channel: int) -> bool:
        return self._coils[_index(channel)]


def _index(channel: int) -> int:
    if not 1 <= channel <= CHANNELS:
        raise ValueError(f"relay channels are 1 to {CHANNELS}, not {channel}")
    return channel - 1
