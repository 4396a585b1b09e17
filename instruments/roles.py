"""What a bench may ask of an instrument, by role. SI floats, the unit in the name; every method can raise a LinkError.

No base class: a driver fits a role by having its methods. Settings are range-checked before anything is sent, and
followed by the instrument's error queue. What a model cannot do raises NotSupported, sends nothing, and is missing in
`capabilities`, which is checked when the plan is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from instruments.accuracy import Accuracy
from instruments.records import Identity, Limits, Sample, StreamBlock, Waveform

AcquisitionState = Literal["wait", "run", "stop", "triggered"]
Slope = Literal["rising", "falling", "either"]
Regulation = Literal["CV", "CC", "CP", "CR", "OFF", "UNREGULATED"]

Capability = Literal[
    # supplies
    "ovp", "ocp", "trip at limit", "remote sense", "sink",
    # loads
    "constant current", "constant resistance", "constant voltage", "constant power", "short", "slew", "von",
    # relays
    "pulse", "toggle", "operation counters",
    # generators
    "sine", "samples",
    # chambers
    "temperature",
    # digitizers, recorders, meters, lines
    "edge trigger", "stream", "DC voltage", "DC current", "digitize", "scan", "inputs", "outputs",
    "timed pulse",
]  # fmt: skip
"""What not every model can do. A driver names what it can; the plan names what it needs."""


class Instrument(Protocol):
    """What every driver has."""

    name: str
    accuracy: tuple[Accuracy, ...]
    capabilities: frozenset[Capability]
    second_client: bool | None
    """Whether it serves a second connection while the first is open: what a guard needs. None: not known."""

    def identity(self) -> Identity: ...
    def make_safe(self) -> None:
        """Everything that could energise is off, read back. Idempotent."""
        ...

    def read_back(self) -> dict[str, object]:
        """Settings and readings as the instrument itself reports them."""
        ...

    def reopen(self) -> None:
        """After a broken exchange: reopen the link, check that the same instrument answers, make it safe."""
        ...

    def close(self) -> None: ...


class Supply(Instrument, Protocol):
    limits: Limits

    def set_voltage(self, volts: float) -> None: ...
    def set_current_limit(self, amps: float) -> None: ...
    def set_ovp(self, volts: float) -> None:
        """Capability "ovp": the output goes off, latched, above this voltage."""
        ...

    def set_ocp(self, amps: float) -> None:
        """Capability "ocp": the output goes off, latched, above this current; a level of its own."""
        ...

    def trip_at_limit(self, on: bool) -> None:
        """Capability "trip at limit": the output goes off, latched, when the current limit is reached."""
        ...

    def remote_sense(self, on: bool) -> None:
        """Capability "remote sense"."""
        ...

    def output(self, on: bool) -> None: ...
    def measure(self) -> Sample: ...
    def regulation(self) -> Regulation: ...
    def trip(self) -> str | None:
        """The protection that has switched the output off and is still latched: OVP, OCP, OPP, OT, PF, ...; or None."""
        ...

    def clear_protection(self) -> None:
        """Output off, clear, verified off and verified cleared. Never re-energises."""
        ...


class SinkingSupply(Supply, Protocol):
    """Capability "sink"."""

    def set_sink_current_limit(self, amps: float) -> None:
        """The most that it takes back while its terminals are driven above the set voltage."""
        ...


class Generator(Instrument, Protocol):
    """A waveform generator, one channel. Capability "sine"."""

    def set_sine(self, hertz: float, peak_to_peak: float) -> None:
        """A sine without offset, V as an open circuit has it, read back; the output stays on or off."""
        ...

    def set_samples(self, codes: Sequence[int], rate_hz: float, peak_to_peak: float) -> None:
        """Capability "samples": a table that spans the DAC, played over and over, each sample held for 1 / rate_hz.

        peak_to_peak: V as an open circuit has it, between lowest and highest code; the output is off afterwards.
        """
        ...

    def output(self, on: bool) -> None:
        """Switched and read back."""
        ...


class Chamber(Instrument, Protocol):
    """A climate chamber. Capability "temperature"."""

    def set_temperature(self, degc: float) -> None:
        """Of the air, as fast as it can; read back; it goes on or stays off as it is."""
        ...

    def run(self, on: bool) -> None:
        """Heat and cool, or rest; switched and read back."""
        ...

    def temperature(self) -> float:
        """Of the air now, degC, by the chamber's own sensor."""
        ...


class Load(Instrument, Protocol):
    limits: Limits

    def set_current(self, amps: float) -> None:
        """Constant current. Another mode is not entered while the input is on. Capability "constant current"."""
        ...

    def set_resistance(self, ohms: float) -> None: ...
    def set_voltage(self, volts: float) -> None: ...
    def set_power(self, watts: float) -> None: ...
    def set_slew(self, amps_per_s: float) -> None:
        """Both edges of constant current. Capability "slew"."""
        ...

    def set_von(self, volts: float) -> None:
        """Draw nothing before the terminals reach this voltage. Capability "von"."""
        ...

    def input(self, on: bool) -> None:
        """Switched and read back; not on while a trip has not been cleared."""
        ...

    def short(self, on: bool) -> None:
        """Lowest resistance at the terminals while the input is on; off goes back to the level. Capability "short"."""
        ...

    def measure(self) -> Sample: ...
    def trip(self) -> str | None: ...
    def clear_protection(self) -> None:
        """Input off, clear, verified off and verified cleared."""
        ...


class RelayMatrix(Instrument, Protocol):
    """Channels are numbered as printed on the instrument: 1, 2, ... on a board, 101 or 2003 on a switch card."""

    channels: tuple[int, ...]

    def set(self, channel: int, on: bool) -> None:
        """Switch one relay and read all back."""
        ...

    def set_all(self, on: bool) -> None: ...
    def states(self) -> dict[int, bool]:
        """As the firmware reports them: coils, not contacts."""
        ...

    def pulse(self, channel: int, seconds: float) -> None:
        """On now, off by the instrument itself after `seconds`. Sent once, never repeated. Capability "pulse"."""
        ...

    def toggle(self, channel: int) -> bool:
        """Change over what it is, by the instrument's own command; the new state. Sent once. Capability "toggle"."""
        ...

    def operations(self, channel: int) -> int:
        """How often the relay has operated, as counted by the instrument. Capability "operation counters"."""
        ...


class DigitalOutput(Instrument, Protocol):
    """Digital lines by their printed names, such as "FIO0"; outputs that can be set and inputs that can be read."""

    def set_line(self, name: str, high: bool) -> None: ...
    def line(self, name: str) -> bool: ...
    def lines(self, names: Sequence[str]) -> Mapping[str, bool]: ...
    def pulse_line(self, name: str, seconds: float) -> None:
        """High and low again after `seconds`, timed by the instrument itself; sent once, never repeated.

        Capability "timed pulse".
        """
        ...


class Recorder(Instrument, Protocol):
    """A stream of scans; `drain` gives what has arrived and does not wait. Capability "stream"."""

    def start(self, channels: Sequence[str], ranges: Sequence[float], rate_hz: float) -> float: ...
    def drain(self) -> StreamBlock: ...
    def stop(self) -> None: ...
    def conversion(self, range_volts: float) -> tuple[float, float]:
        """(scale, offset): volts at the input = code * scale + offset."""
        ...

    def channel_accuracy(self, range_volts: float) -> Accuracy: ...


class Digitizer(Instrument, Protocol):
    def configure_channel(
        self, channel: int, *, volts_per_div: float, offset_volts: float = 0.0, bandwidth_hz: float | None = None
    ) -> None: ...
    def configure_time(self, *, sample_rate_hz: float, points: int, pretrigger: float) -> float: ...
    def trigger(self, channel: int, level_volts: float, slope: Slope) -> None: ...
    def arm(self) -> None: ...
    def force(self) -> None: ...
    def state(self) -> AcquisitionState: ...
    def stop(self) -> None: ...
    def fetch(self, channel: int) -> Waveform: ...
    def channel_accuracy(self, volts_per_div: float, offset_volts: float) -> Accuracy: ...


class Meter(Instrument, Protocol):
    """DC readings in volts or amperes. `channels` are those of a scanner card, empty for the front terminals."""

    def configure(
        self, function: Literal["DC voltage", "DC current"], range_si: float, *, channels: Sequence[int] = ()
    ) -> None: ...
    def read(self) -> tuple[float, ...]:
        """One fresh reading for each configured channel, in their order."""
        ...

    def channel_accuracy(self, function: Literal["DC voltage", "DC current"], range_si: float) -> Accuracy: ...
