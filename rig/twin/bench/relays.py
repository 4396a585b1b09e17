"""Relay boards and switch cards: coils, of which some pilot contactors, and one may drive the injector's gate."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from rig.twin.bench.switch_cards import SLOTS, channels
from rig.twin.engine.simulation import Simulation
from rig.twin.engine.units import to_ps
from rig.twin.engine.watch import Timer

RELAYS: dict[str, tuple[int, ...]] = {
    "waveshare_relay8": tuple(range(1, 9)),
    "waveshare_relay16": tuple(range(1, 17)),
    "waveshare_relay16_inputs": tuple(range(1, 17)),
    "waveshare_relay32": tuple(range(1, 33)),
    "moxa_iologik_e1214": tuple(range(6)),
    **{model: tuple(channels(model)) for model in SLOTS},
}
"""Channels as printed on the instrument, by the scene's name of the model."""


GATE_OPERATE_S, GATE_RELEASE_S = 6e-3, 3e-3
"""Of the relay that drives the gate, from coil to contact; the gate's driver keeps its bounces out. [K]"""


class Driven(Protocol):
    """What a relay's contact switches."""

    def drive(self, on: bool) -> None: ...


class GateRelay:
    """A relay of the board whose contact feeds the line of the injector's gate."""

    def __init__(self, sim: Simulation, line: Callable[[bool], None]) -> None:
        self._sim, self._line = sim, line
        self._moving: Timer | None = None

    def drive(self, on: bool) -> None:
        """The contact follows its coil; a new command overtakes the last."""
        if self._moving is not None:
            self._moving.cancel()
        self._sim.log("gate relay", "on" if on else "off")
        after = GATE_OPERATE_S if on else GATE_RELEASE_S
        self._moving = self._sim.at(self._sim.now_ps + to_ps(after), lambda: self._line(on))


def channel_of(line: str) -> int | None:
    """The relay that drives a line, CH16 for one; None where an instrument's own output does."""
    return int(line[2:]) if line.startswith("CH") and line[2:].isdigit() else None


class RelayPhysics:
    """Coil states. ValueError for a channel that the instrument does not have."""

    def __init__(self, contactors: Mapping[int, Driven], channels: Iterable[int]) -> None:
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
