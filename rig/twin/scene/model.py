"""The models of scene.yaml: a device with its defects, and the true bench. All values SI, read from quantities."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from rig.files.document import Entry, Finding
from rig.files.quantity import Amps, Farads, Fraction, Henries, Hertz, Ohms, Seconds, Volts
from rig.twin.scene import checks as scene_checks

PositiveVolts = Annotated[Volts, Field(gt=0)]
PositiveAmps = Annotated[Amps, Field(gt=0)]
PositiveOhms = Annotated[Ohms, Field(gt=0)]
PositiveFarads = Annotated[Farads, Field(gt=0)]
PositiveHenries = Annotated[Henries, Field(gt=0)]
PositiveHertz = Annotated[Hertz, Field(gt=0)]
PositiveSeconds = Annotated[Seconds, Field(gt=0)]
Delay = Annotated[Seconds, Field(ge=0)]
Tolerance = Annotated[Fraction, Field(ge=0, lt=1)]

Sensed = Literal["port_voltage", "port_current", "injector_current", "gate_voltage", "input_voltage"]


class EnergyInput(Entry):
    """The device's own supply: it starts above `start`, stops below `stop`; the converter draws ratio x its output."""

    start: PositiveVolts
    stop: PositiveVolts
    start_delay: Delay
    capacitance: PositiveFarads
    esr: PositiveOhms
    idle: PositiveOhms
    ratio: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _hysteresis(self) -> Self:
        if self.stop >= self.start:
            raise ValueError("stop must lie below start, or the device switches on and off for ever")
        return self


class Converter(Entry):
    """Constant voltage behind a resistance, up to the current limit; reverse-blocking; bulk capacitor at its output."""

    voltage: PositiveVolts
    resistance: PositiveOhms
    current_limit: PositiveAmps
    bulk: PositiveFarads
    bulk_esr: PositiveOhms
    ramp: PositiveSeconds


class PortSwitch(Entry):
    """Back-to-back transistors between bulk capacitor and port."""

    resistance: Annotated[Ohms, Field(gt=0, lt=100)]
    turn_off: Delay
    soft_start: Delay


class Port(Entry):
    """What hangs at the terminals for good, powered or not."""

    capacitance: PositiveFarads
    esr: PositiveOhms
    leakage: PositiveOhms


class Stage(Entry):
    """Trips `delay` after the port current has risen above `current`, unless it falls below again."""

    current: PositiveAmps
    delay: Delay


class Protection(Entry):
    """`fast` latches at the first crossing; `stages` need the current to stay above their level."""

    fast: Stage | None
    stages: list[Stage]


class Overshoot(Entry):
    """A defect: after each recovery the converter's output goes to `voltage` for `duration`."""

    voltage: PositiveVolts
    duration: PositiveSeconds


class Recovery(Entry):
    """auto: on again `delay` after a trip; latch: off until the energy input was away."""

    policy: Literal["auto", "latch"]
    delay: Delay
    overshoot: Overshoot | None = None


class SourcePort(Entry):
    """A device with an energy input and one source port."""

    kind: Literal["source_port"]
    serial: str
    energy_input: EnergyInput
    converter: Converter
    switch: PortSwitch
    port: Port
    protection: Protection
    recovery: Recovery


class Instrument(Entry):
    """`latency`: what one command takes; it executes at the end of that time."""

    model: Literal["ea_psb9000", "siglent_sdl1000x", "waveshare_relay32", "labjack_t7", "rigol_dho800"]
    latency: Delay


class Instruments(Entry):
    supply: Instrument
    load: Instrument
    relays: Instrument
    daq: Instrument
    scope: Instrument


class Contactor(Entry):
    """`operate` to the first touch, then `bounces` openings within `bounce`; `release` to the final opening."""

    pilot: Annotated[int, Field(ge=1, le=32)]
    aux: str
    operate: PositiveSeconds
    release: PositiveSeconds
    bounce: Delay
    bounces: Annotated[int, Field(ge=0, le=20)]


class Injector(Entry):
    """Transistor switch across the device's terminals in series with one tap; `delay` from the gate line."""

    gate: str
    delay: Delay
    resistance: PositiveOhms
    inductance: PositiveHenries
    taps: dict[str, PositiveOhms]


class Cable(Entry):
    resistance: PositiveOhms
    inductance: PositiveHenries


class Transducer(Entry):
    """A divider has a `ratio`, a shunt a `resistance` and `inductance`; the true value is drawn within `tolerance`."""

    senses: Sensed
    tolerance: Tolerance
    bandwidth: PositiveHertz
    ratio: Annotated[float, Field(gt=0)] | None = None
    resistance: PositiveOhms | None = None
    inductance: PositiveHenries | None = None


class Channels(Entry):
    """Which transducer is wired to which input."""

    scope: dict[Annotated[int, Field(ge=1, le=4)], str]
    daq: dict[str, str]


class Bench(Entry):
    instruments: Instruments
    contactors: dict[str, Contactor]
    injector: Injector
    cables: dict[str, Cable]
    transducers: dict[str, Transducer]
    channels: Channels


class Scene(Entry):
    """A whole scene after its `extends` have been merged."""

    version: Literal[1] = Field(alias="schema")
    name: str
    extends: str | None = None
    device: SourcePort
    bench: Bench

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """Names that refer to nothing, and values that must differ."""
        return scene_checks.cross_check(data)
