"""Relay boards and switch cards: coils, of which some pilot contactors."""

from collections.abc import Iterable, Mapping

from rig.twin.bench.contactor import ContactorPhysics
from rig.twin.bench.switch_cards import SLOTS, channels

RELAYS: dict[str, tuple[int, ...]] = {
    "waveshare_relay8": tuple(range(1, 9)),
    "waveshare_relay16": tuple(range(1, 17)),
    "waveshare_relay32": tuple(range(1, 33)),
    "moxa_iologik_e1214": tuple(range(6)),
    **{model: tuple(channels(model)) for model in SLOTS},
}
"""Channels as printed on the instrument, by the scene's name of the model."""


class RelayPhysics:
    """Coil states. ValueError for a channel that the instrument does not have."""

    def __init__(self, contactors: Mapping[int, ContactorPhysics], channels: Iterable[int]) -> None:
        self._contactors = dict(contactors)
        self._coils = dict.fromkeys(channels, False)

    @property
    def channels(self) -> tuple[int, ...]:
        return tuple(self._coils)

    def set_coil(self, channel: int, on: bool) -> None:
        self._coils[self._known(channel)] = on
        if (contactor := self._contactors.get(channel)) is not None:
            contactor.drive(on)

    def set_coils(self, states: Iterable[tuple[int, bool]]) -> None:
        """Several coils at one instant."""
        for channel, on in states:
            self.set_coil(channel, on)

    def coil(self, channel: int) -> bool:
        return self._coils[self._known(channel)]

    def _known(self, channel: int) -> int:
        if channel not in self._coils:
            first, *_, last = self._coils
            raise ValueError(f"relay channels are {first} to {last}, not {channel}")
        return channel
