"""The bench file: instruments, contactors, routes, injector, transducers and signals of one test bench."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from rig.files import bench_checks
from rig.files.document import Entry, Finding, Names, PartName, Pattern
from rig.files.quantity import (
    Amps,
    AmpsSquaredSeconds,
    Celsius,
    Fraction,
    Henries,
    Hertz,
    Joules,
    Kelvin,
    Ohms,
    Seconds,
    Volts,
    VoltsOrAmps,
    Watts,
)
from rig.files.temperatures import Temperatures
from rig.files.transducers import Transducer

Role = Literal["supply", "load", "relays", "lines", "recorder", "digitizer", "neighbour", "generator", "chamber"]
Pairs = Annotated[tuple[Names, ...], Field(strict=False)]


def _driver(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*|[A-Za-z_][\w.]*:[A-Za-z_]\w*", text):
        raise ValueError(f"write the short name of a driver or module:Class, found {text!r}")
    return text


def _scalar(value: Any) -> Any:
    if not isinstance(value, str | int | float | bool):
        raise ValueError("expected text, a number, true or false")  # noqa: TRY004  pydantic reports ValueErrors
    return value


Scalar = Annotated[Any, BeforeValidator(_scalar), WithJsonSchema({"type": ["string", "number", "boolean"]})]


class InstrumentEntry(Entry):
    """How one instrument is reached and which one must answer there (`identity` is a regular expression).

    `options` are the driver's own, such as `channel: 2`; which there are is the driver's business. `patience`: how long
    the rig waits for its answers, where 2 s are too few for what it is told.
    """

    driver: Annotated[str, AfterValidator(_driver)]
    address: str
    identity: Pattern
    stream_port: Annotated[int, Field(gt=0, lt=65536)] | None = None
    serial: str | None = None
    patience: Annotated[Seconds, Field(ge=2, le=20)] | None = None
    options: dict[str, Scalar] = Field(default_factory=dict)


class Contactor(Entry):
    """A contactor: the relay channel (as printed) that pilots its coil, the line that reads its auxiliary contact.

    `breaking`: the current that it opens at 60 V DC, when the switch that should have ended a fault does not. It never
    has to make one: in a case every source is off and the injector open when it closes, in the bench proof the injector
    is open and the load's input off.
    """

    pilot: Annotated[int, Field(ge=0, le=9999)]
    readback: str
    operate: Annotated[Seconds, Field(gt=0)]
    release: Annotated[Seconds, Field(gt=0)]
    carry: Annotated[Amps, Field(gt=0)]
    breaking: Annotated[Amps, Field(gt=0)] | None = None


class Rating(Entry):
    """What the injector survives: voltage across it, peak current, energy turned into heat in it and its taps.

    And, where its maker states it, the integral of the squared current over one fault.
    """

    voltage: Annotated[Volts, Field(gt=0)]
    current: Annotated[Amps, Field(gt=0)]
    energy: Annotated[Joules, Field(gt=0)]
    i2t: Annotated[AmpsSquaredSeconds, Field(gt=0)] | None = None


class Injector(Entry):
    """The solid-state switch across the device's terminals, in series with one tap (contactor name -> resistance).

    `one_shot`: the longest that its driver lets a high gate through; a bench without one relies on the rig alone.
    """

    gate: str
    resistance: Annotated[Ohms, Field(gt=0)]
    inductance: Annotated[Henries, Field(gt=0)]
    rating: Rating
    one_shot: Annotated[Seconds, Field(gt=0)] | None = None
    taps: Annotated[dict[str, Annotated[Ohms, Field(gt=0)]], Field(min_length=1)]


class SeriesSwitch(Entry):
    """The solid-state switch between the supply and the lines that feed a device. It conducts at rest: a high `control`
    (of the role `lines`) opens it, for `one_shot` at most, whatever the rig does.
    """

    control: str
    resistance: Annotated[Ohms, Field(gt=0)]
    one_shot: Annotated[Seconds, Field(gt=0)]


class MainsSwitch(Entry):
    """The relay between the mains and a device that lives on it, in an enclosure of its own. It conducts at rest: a
    high `control` (of the role `lines`) opens it, for `one_shot` at most. Signal mains_voltage tells what is behind it.
    """

    control: str
    one_shot: Annotated[Seconds, Field(gt=0)]


class Amplifier(Entry):
    """What puts alternating voltage on top of the feed: `gain` times what the instrument in the role `generator` gives,
    in series behind the series switch, and never more than `peak`, V. A high `control` (of the role `lines`) opens the
    relay that bridges it at rest, for `one_shot` at most.
    """

    control: str
    gain: Annotated[float, Field(gt=0)]
    peak: Annotated[Volts, Field(gt=0, lt=10)]
    one_shot: Annotated[Seconds, Field(gt=0)]


class Chamber(Entry):
    """The climate chamber in which the device stands, from `low` to `high`. `reach`: the longest that its air takes
    from one end to the other; `soak`: how long the device then stands in it, so that it is as warm inside, too;
    `within`: how far the air may be off meanwhile, by the chamber's own sensor. At rest it is off, at room temperature.
    """

    low: Celsius
    high: Celsius
    reach: Annotated[Seconds, Field(gt=0)]
    soak: Annotated[Seconds, Field(ge=0)]
    within: Annotated[Kelvin, Field(gt=0)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("low must not exceed high")
        return self


class Interlock(Entry):
    """The safety chain of lid switch and emergency stop; `line` of the role `lines` reads high while it is closed."""

    line: str


class Cable(Entry):
    """Loop resistance and inductance of the cable behind a contactor."""

    resistance: Annotated[Ohms, Field(gt=0)]
    inductance: Annotated[Henries, Field(gt=0)]


class FastChannel(Entry):
    """A digitizer channel (from 1) and the transducer in front of it."""

    channel: Annotated[int, Field(ge=1)]
    transducer: str


class SlowChannel(Entry):
    """A recorder channel ("AIN0"), the transducer in front of it and the recorder's range.

    On a bench without a recorder a reading of supply or load ("load.volts", "supply.amps"), its transducer of kind
    `reading`, and what its record spans, in V or A.
    """

    channel: str
    transducer: str
    range: Annotated[VoltsOrAmps, Field(gt=0)]


class Signal(Entry):
    """One physical quantity, as the fast and the slow record see it; `fed`: the slow one of a device that is fed at its
    port, where another instrument then sees it."""

    fast: FastChannel | None = None
    slow: SlowChannel | None = None
    fed: SlowChannel | None = None


class DeviceLink(Entry):
    """Where the device under test answers by itself: host:port and unit of its Modbus TCP map."""

    modbus: Annotated[str, Field(pattern=r".+:[0-9]+")]
    unit: Annotated[int, Field(ge=1, le=247)] = 1


class Reference(Entry):
    """The best voltage meter on the bench: a signal in one of its records."""

    signal: str
    record: Literal["fast", "slow"]


class Ends(Entry):
    """The two nets of a source: it pushes from `minus` to `plus`."""

    plus: str
    minus: str


class SharedBus(Entry):
    """A route on which two sources may meet, plus to plus.

    It is closed only when their voltages differ by no more than `difference`, and opened again when more than `current`
    flows between them in either direction.
    """

    sources: Annotated[list[Literal["supply", "neighbour", "port"]], Field(min_length=2)]
    difference: Annotated[Volts, Field(gt=0)]
    current: Annotated[Amps, Field(gt=0)]


class Topology(Entry):
    """Which nets each contact joins, for the proof that no sum of sources reaches 60 V.

    `contacts`: contactor -> the nets of its contacts, pair by pair. `port` is the source inside the device, whose own
    switch leads to the net `terminal`; `input` is the net of its energy input. `neighbour`: the supply in that role.
    `overshoot`: how far a supply can get above its protection's threshold. `ties`: nets that are always joined, such as
    two scope grounds. `shared_buses`: routes on which sources may meet.
    """

    contacts: dict[str, dict[str, str]]
    supply: Ends
    neighbour: Ends | None = None
    port: Ends
    terminal: str
    input: str
    overshoot: Annotated[Volts, Field(ge=0)]
    ties: Pairs = ()
    shared_buses: dict[str, SharedBus] = Field(default_factory=dict)


class NodeBounds(Entry):
    """What a node of the bench bears; what is left out is not bounded beyond what every bench of the rig is."""

    voltage: Annotated[Volts, Field(gt=0, lt=60)] | None = None
    current: Annotated[Amps, Field(gt=0)] | None = None
    power: Annotated[Watts, Field(gt=0)] | None = None


class Envelope(Entry):
    """Bounds of supplies and load, checked before every command, and the bench time between two faults."""

    supply: NodeBounds = NodeBounds()
    neighbour: NodeBounds = NodeBounds()
    load: NodeBounds = NodeBounds()
    dwell: Annotated[Seconds, Field(ge=0)] = 0.0


class Proof(Entry):
    """What the bench proof rests on. `contactor` is a changeover: at rest the device is connected, operated it is not,
    and its port and energy input have a resistor of `known` ohms each instead.

    `tolerance` is that of the known resistors, `taps` of the injector's; `contacts`: what one contact may add; a cable
    has two, a tap and the changeover have one each.
    """

    contactor: str
    known: Annotated[Ohms, Field(ge=2.0, le=5.0)]
    tolerance: Annotated[Fraction, Field(ge=0)]
    taps: Annotated[Fraction, Field(ge=0)]
    contacts: Annotated[Ohms, Field(ge=0)]


class Calibration(Entry):
    """Certificate files, relative to the bench file, and what the lab does without a valid one.

    `flag` marks the verdicts; `inconclusive` gives none that rests on an instrument or transducer without a
    certificate, or on one that is expired or does not cover what was measured.
    """

    policy: Literal["flag", "inconclusive"] = "flag"
    certificates: Names = ()


class Bench(Entry):
    """A bench file.

    `clock` and `twin` are written by the twin when it publishes its addresses; `digitizer_rate_max` holds the digitizer
    below its own highest sample rate. A bidirectional supply in the role `load` is driven as a sink. A supply in the
    role `neighbour` stands for the rest of the grid, at the device's port; the `generator` stands before the amplifier,
    the device in the `chamber`. Without the role `recorder` the slow record is what supply and load read, `slow_rate`
    times a second.
    """

    version: Literal[1] = Field(alias="schema")
    name: str
    kind: Literal["twin", "hardware"]
    clock: str | None = None
    twin: dict[str, Any] | None = None
    device_link: DeviceLink | None = None
    instruments: dict[PartName, InstrumentEntry]
    roles: dict[Role, str]
    contactors: dict[PartName, Contactor]
    exclusive: Pairs
    routes: dict[PartName, Names]
    injector: Injector
    series_switch: SeriesSwitch | None = None
    mains_switch: MainsSwitch | None = None
    amplifier: Amplifier | None = None
    chamber: Chamber | None = None
    interlock: Interlock | None = None
    cables: dict[str, Cable]
    transducers: dict[PartName, Transducer]
    signals: dict[PartName, Signal]
    slow_rate: Annotated[Hertz, Field(gt=0)]
    digitizer_rate_max: Annotated[Hertz, Field(gt=0)] | None = None
    reference: Reference
    calibration: Calibration = Calibration()
    ambient: Temperatures | None = None
    """Of the room while the bench measures."""
    topology: Topology | None = None
    envelope: Envelope = Envelope()
    proof: Proof | None = None

    @property
    def controls(self) -> dict[str, str]:
        """Control lines of what conducts at rest, by its name: the switches that the bench has."""
        switches = {
            "series switch": self.series_switch, "mains switch": self.mains_switch, "amplifier": self.amplifier,
        }  # fmt: skip
        return {name: one.control for name, one in switches.items() if one is not None}

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """What is wrong between the sections of the raw data."""
        return bench_checks.cross_check(data)
