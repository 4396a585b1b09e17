"""Between an instrument's commands and its power stage: where read-back parts from what is, once something is wrong.

A sound panel passes everything on.
"""

from collections.abc import Iterable
from typing import Literal

from rig.twin.bench.load_class import LoadClass
from rig.twin.bench.supply_class import SupplyClass
from rig.twin.wire.roles import Load, LoadAlarm, Mode, Relays, Supply


class SupplyPanel:
    """`ignoring`: nothing is done, all is read back. `stuck_on`: the output is not switched off any more."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply
        self.ignoring = self.stuck_on = False
        self._volts = self._drift = 0.0
        self._said: bool | None = None  # the state of the output that is read back instead of the real one
        self._frozen: tuple[float, float] | None = None

    @property
    def rating(self) -> SupplyClass:
        return self._supply.rating

    @property
    def output_on(self) -> bool:
        return self._supply.output_on if self._said is None else self._said

    @property
    def regulation(self) -> Literal["OFF", "CV", "CC", "CP"]:
        real = self._supply.regulation
        if self._said is None:
            return real
        return "OFF" if not self._said else "CV" if real == "OFF" else real

    def alarm(self) -> str | None:
        return self._supply.alarm()

    def clear_alarm(self) -> None:
        self._supply.clear_alarm()

    def set_voltage(self, volts: float) -> None:
        self._volts = volts
        if not self.ignoring:
            self._supply.set_voltage(self._sensed(volts))

    def set_current(self, amps: float) -> None:
        if not self.ignoring:
            self._supply.set_current(amps)

    def set_power(self, watts: float) -> None:
        if not self.ignoring:
            self._supply.set_power(watts)

    def set_sink_current(self, amps: float) -> None:
        if not self.ignoring:
            self._supply.set_sink_current(amps)

    def set_sink_power(self, watts: float) -> None:
        if not self.ignoring:
            self._supply.set_sink_power(watts)

    def set_sink_resistance(self, ohms: float | None) -> None:
        if not self.ignoring:
            self._supply.set_sink_resistance(ohms)

    def set_ovp(self, volts: float) -> None:
        if not self.ignoring:
            self._supply.set_ovp(volts)

    def set_ocp(self, amps: float) -> None:
        if not self.ignoring:
            self._supply.set_ocp(amps)

    def set_limit_trip(self, delay: float | None) -> None:
        if not self.ignoring:
            self._supply.set_limit_trip(delay)

    def set_output(self, on: bool) -> None:
        lies = self.ignoring or (self.stuck_on and not on)
        self._said = on if lies else None
        if not lies:
            self._supply.set_output(on)

    def measure(self) -> tuple[float, float]:
        if self._frozen is not None:
            return self._frozen
        volts, amps = self._supply.measure()
        return (round(max(volts - self._drift, 0.0), 2) if self._drift else volts), amps

    def honest(self) -> None:
        """Read back the real output again."""
        self._said = None

    def freeze(self, frozen: bool) -> None:
        """From now on repeat the present readings, or measure again."""
        self._frozen = self.measure() if frozen else None

    def set_drift(self, volts: float) -> None:
        """Its sense input reads `volts` too little: the output rises by that, its own reading does not."""
        self._drift = volts
        self._supply.set_voltage(self._sensed(self._volts))

    def power_off(self) -> None:
        """The power stage stops; set values become those of a start."""
        self._said = None
        self._volts = 0.0
        self._supply.power_off()

    def _sensed(self, volts: float) -> float:
        return min(max(volts + self._drift, 0.0), self._supply.rating.volts) if volts > 0.0 else 0.0


class LoadPanel:
    """`ignoring`: nothing is done, all is read back."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self.ignoring = False
        self._said: bool | None = None
        self._frozen: tuple[float, float] | None = None

    @property
    def rating(self) -> LoadClass:
        return self._load.rating

    @property
    def input_on(self) -> bool:
        return self._load.input_on if self._said is None else self._said

    def set_level(self, mode: Mode, value: float) -> None:
        if not self.ignoring:
            self._load.set_level(mode, value)

    def set_input(self, on: bool) -> None:
        self._said = on if self.ignoring else None
        if not self.ignoring:
            self._load.set_input(on)

    def alarm(self) -> LoadAlarm | None:
        return self._load.alarm()

    def set_slew(self, rise: float, fall: float) -> None:
        if not self.ignoring:
            self._load.set_slew(rise, fall)

    def set_von(self, volts: float, *, latch: bool) -> None:
        if not self.ignoring:
            self._load.set_von(volts, latch=latch)

    def set_sense(self, on: bool) -> None:
        if not self.ignoring:
            self._load.set_sense(on)

    def set_protection(self, alarm: LoadAlarm, limit: tuple[float, float] | None) -> None:
        if not self.ignoring:
            self._load.set_protection(alarm, limit)

    def measure(self) -> tuple[float, float]:
        return self._load.measure() if self._frozen is None else self._frozen

    def honest(self) -> None:
        """Read back the real input again."""
        self._said = None

    def freeze(self, frozen: bool) -> None:
        """From now on repeat the present readings, or measure again."""
        self._frozen = self.measure() if frozen else None

    def power_off(self) -> None:
        """The input opens; settings become those of a start."""
        self._load.power_off()
        self._said = None


class RelayPanel:
    """`ignoring`: no coil moves, all are read back as told. `latching` are those that need no power to stay."""

    def __init__(self, relays: Relays, latching: Iterable[int] = ()) -> None:
        self._relays = relays
        self._latching = frozenset(latching)
        self.ignoring = False
        self._said: dict[int, bool] = {}
        self._frozen: dict[int, bool] | None = None

    @property
    def channels(self) -> tuple[int, ...]:
        return self._relays.channels

    def set_coils(self, states: Iterable[tuple[int, bool]]) -> None:
        states = list(states)
        if self.ignoring:
            self._said |= dict(states)
        else:
            for channel, _ in states:
                self._said.pop(channel, None)
            self._relays.set_coils(states)

    def coil(self, channel: int) -> bool:
        if self._frozen is not None:
            return self._frozen[channel]
        return self._said.get(channel, self._relays.coil(channel))

    def honest(self) -> None:
        """Read back the real coils again."""
        self._said.clear()

    def freeze(self, frozen: bool) -> None:
        """From now on repeat the present states, or read again."""
        self._frozen = {channel: self.coil(channel) for channel in self._relays.channels} if frozen else None

    def power_off(self) -> None:
        """All coils fall that do not latch."""
        self.honest()
        self._relays.set_coils([(channel, False) for channel in self._relays.channels if channel not in self._latching])


Panel = SupplyPanel | LoadPanel | RelayPanel
