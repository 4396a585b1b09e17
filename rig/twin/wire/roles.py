"""What the wire needs of the physics behind an instrument. SI units; times of the calendar in picoseconds."""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, Protocol

from rig.twin.bench.load_class import LoadClass
from rig.twin.bench.supply_class import SupplyClass

Mode = Literal["CURR", "RES", "VOLT", "POW"]
LoadAlarm = Literal["OCP", "OPP"]


class Supply(Protocol):
    """The power stage of a supply, one channel."""

    @property
    def rating(self) -> SupplyClass: ...

    @property
    def output_on(self) -> bool: ...

    @property
    def regulation(self) -> Literal["OFF", "CV", "CC", "CP"]: ...

    def alarm(self) -> str | None: ...

    def clear_alarm(self) -> None: ...

    def set_voltage(self, volts: float) -> None: ...

    def set_current(self, amps: float) -> None: ...

    def set_power(self, watts: float) -> None: ...

    def set_sink_current(self, amps: float) -> None: ...

    def set_sink_power(self, watts: float) -> None: ...

    def set_sink_resistance(self, ohms: float | None) -> None: ...

    def set_ovp(self, volts: float) -> None: ...

    def set_ocp(self, amps: float) -> None: ...

    def set_limit_trip(self, delay: float | None) -> None: ...

    def set_output(self, on: bool) -> None: ...

    def measure(self) -> tuple[float, float]: ...

    def power_off(self) -> None: ...


class Load(Protocol):
    """The power stage of an electronic load."""

    @property
    def rating(self) -> LoadClass: ...

    @property
    def input_on(self) -> bool: ...

    def alarm(self) -> LoadAlarm | None: ...

    def set_level(self, mode: Mode, value: float) -> None: ...

    def set_input(self, on: bool) -> None: ...

    def set_slew(self, rise: float, fall: float) -> None: ...

    def set_von(self, volts: float, *, latch: bool) -> None: ...

    def set_sense(self, on: bool) -> None: ...

    def set_protection(self, alarm: LoadAlarm, limit: tuple[float, float] | None) -> None: ...

    def measure(self) -> tuple[float, float]: ...

    def power_off(self) -> None: ...


class Generator(Protocol):
    """What a waveform generator puts out."""

    def set_sine(self, hertz: float, amplitude: float) -> None:
        """As an open circuit has it, V; amplitude 0: nothing."""
        ...

    def play(self, volts: Sequence[float], dt_ps: int) -> None:
        """A table over and over from its beginning, each sample for `dt_ps`; none: nothing."""
        ...


class Chamber(Protocol):
    """A climate chamber, as its controller has it; degC."""

    @property
    def range(self) -> tuple[float, float]: ...

    @property
    def set_point(self) -> float: ...

    @property
    def on(self) -> bool: ...

    def control(self, set_point: float, on: bool) -> None: ...

    def shown(self) -> float:
        """The air now, by the controller's sensor."""
        ...


class Relays(Protocol):
    """Coils, by channels as printed on the instrument."""

    @property
    def channels(self) -> tuple[int, ...]: ...

    def set_coils(self, states: Iterable[tuple[int, bool]]) -> None: ...

    def coil(self, channel: int) -> bool: ...


class Meter(Protocol):
    """Inputs by name: "front", or a scanner's channel."""

    def read(self, channel: str, full_scale: float) -> float:
        """Volts now on the range `full_scale`; +-inf beyond it."""
        ...


class Scheduled(Protocol):
    """A callback that has been put on the simulation's calendar."""

    def cancel(self) -> None: ...


class Calendar(Protocol):
    """The simulation, as far as timers go."""

    @property
    def now_ps(self) -> int: ...

    def at(self, t_ps: int, callback: Callable[[], None]) -> Scheduled: ...
