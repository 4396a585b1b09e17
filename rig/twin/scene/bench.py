"""The true bench of a scene: instruments, contactors, cables, transducers and what is wired where."""

from collections.abc import Collection
from typing import Annotated, Literal, Self

from pydantic import Field

from rig.files.document import Entry
from rig.files.quantity import Celsius, Kelvin, KelvinPerSecond
from rig.twin.scene.faults import Fault
from rig.twin.scene.values import (
    Delay,
    PositiveHenries,
    PositiveHertz,
    PositiveOhms,
    PositiveSeconds,
    PositiveVolts,
    Ratio,
    Tolerance,
)

Sensed = Literal[
    "port_voltage",
    "port_current",
    "injector_current",
    "gate_voltage",
    "input_voltage",
    "input_current",
    "other_voltage",
    "mains_voltage",
    "ground_current",
]

NEIGHBOUR_LINE, SECOND_RETURN, GROUND_CURRENT = "neighbour_line", "second_return", "ground_current"
OPTIONAL = {
    "series_switch": ("series_switch",), "mains_switch": ("mains_switch",),
    "neighbour": ("neighbour", NEIGHBOUR_LINE), "amplifier": ("amplifier", "generator"), "chamber": ("chamber",),
    SECOND_RETURN: (SECOND_RETURN,),
}  # fmt: skip
"""Parts that a bench file may lack, each with the names of what goes with it; the simulated bench lacks them then,
too."""


class NoSuchPart(Exception):
    """The scene has a fault of a part that this bench lacks."""


class Instrument(Entry):
    """`latency`: what one command takes; it executes at the end of that time. `model` is one of `models`."""

    model: str
    latency: Delay


class LoadInstrument(Instrument):
    """`leads`: its sense terminals are wired to the device's port, on the bench's side of the changeover."""

    leads: bool = False


class Instruments(Entry):
    """`neighbour`: a second supply, behind the contactor neighbour_line. `generator`: what the amplifier amplifies.
    `chamber`: the controller of the climate chamber."""

    supply: Instrument
    neighbour: Instrument | None = None
    load: LoadInstrument
    relays: Instrument
    daq: Instrument
    scope: Instrument
    meter: Instrument | None = None
    generator: Instrument | None = None
    chamber: Instrument | None = None


class Contactor(Entry):
    """`operate` to the first touch, then `bounces` openings within `bounce`; `release` to the final opening."""

    pilot: Annotated[int, Field(ge=0, le=9999)]
    aux: str
    operate: PositiveSeconds
    release: PositiveSeconds
    bounce: Delay
    bounces: Annotated[int, Field(ge=0, le=20)]


class Injector(Entry):
    """Transistor switch across the device's terminals in series with one tap; `delay` from the gate line.

    `one_shot`: how long its driver lets a high gate line through, if it has one.
    """

    gate: str
    delay: Delay
    resistance: PositiveOhms
    inductance: PositiveHenries
    taps: dict[str, PositiveOhms]
    one_shot: PositiveSeconds | None = None


class SeriesSwitch(Entry):
    """Transistor switch between the supply and the lines that feed a device: a high `control` line opens it, `delay`
    later, for `one_shot` at most. It closes through `soft_resistance` for `soft_time` first, so that cable and port do
    not ring. A bench file without that section has none, whatever the scene says.
    """

    control: str
    delay: Delay
    resistance: PositiveOhms
    soft_resistance: PositiveOhms
    soft_time: PositiveSeconds
    one_shot: PositiveSeconds


class MainsSwitch(Entry):
    """Relay between the mains and the device: a high `control` line opens it, `delay` later, for `one_shot` at most."""

    control: str
    delay: Delay
    one_shot: PositiveSeconds


class Amplifier(Entry):
    """What the generator gives, `gain` times and up to `peak`, in series with the lines behind the series switch.

    A high `control` line opens its bypass, `delay` later, for `one_shot` at most.
    """

    control: str
    delay: Delay
    gain: Ratio
    resistance: PositiveOhms
    peak: PositiveVolts
    one_shot: PositiveSeconds


class Chamber(Entry):
    """Climate chamber around the device: its air moves by `rate` between `low` and `high`, what stands inside follows
    with its `time_constant`. `sensor`: by how much the controller's own may be off; drawn by seed.
    """

    low: Celsius
    high: Celsius
    rate: Annotated[KelvinPerSecond, Field(gt=0)]
    time_constant: PositiveSeconds
    sensor: Annotated[Kelvin, Field(ge=0)] = 0.0


class Interlock(Entry):
    """The safety chain of lid and emergency stop; `line` reads high while it is closed."""

    line: str


class Cable(Entry):
    resistance: PositiveOhms
    inductance: PositiveHenries


class Transducer(Entry):
    """A divider has a `ratio`, a shunt a `resistance` and `inductance`; the true value is drawn within `tolerance`."""

    senses: Sensed
    tolerance: Tolerance
    bandwidth: PositiveHertz
    ratio: Ratio | None = None
    resistance: PositiveOhms | None = None
    inductance: PositiveHenries | None = None


class Channels(Entry):
    """Which transducer is wired to which input."""

    scope: dict[Annotated[int, Field(ge=1, le=4)], str]
    daq: dict[str, str]
    meter: dict[str, str] = Field(default_factory=dict)


class Wiring(Entry):
    """Where the bench is plugged into the device: names of its nodes or ports. No energy_in: that cable hangs free.
    `other`: a port that the bench only looks at."""

    energy_in: str | None = None
    port: str
    other: str | None = None


class Bench(Entry):
    """`known`: what each of the changeover's two known resistors really has."""

    wiring: Wiring
    instruments: Instruments
    contactors: dict[str, Contactor]
    injector: Injector
    series_switch: SeriesSwitch | None = None
    mains_switch: MainsSwitch | None = None
    amplifier: Amplifier | None = None
    chamber: Chamber | None = None
    interlock: Interlock | None = None
    known: PositiveOhms = 2.5
    cables: dict[str, Cable]
    transducers: dict[str, Transducer]
    channels: Channels
    faults: tuple[Fault, ...] = Field((), strict=False)

    def with_parts(self, parts: Collection[str]) -> Self:
        """Without those of the optional parts that are not among `parts`.

        Raises NoSuchPart for a fault of what is not there.
        """
        if "neighbour" not in parts:
            parts = [part for part in parts if part != SECOND_RETURN]  # which leads from it
        gone = [name for part, names in OPTIONAL.items() if part not in parts for name in names]
        unseen = [
            name for name, one in self.transducers.items() if one.senses == GROUND_CURRENT and SECOND_RETURN in gone
        ]
        wires = {f"daq.{channel}" for channel, name in self.channels.daq.items() if name in unseen} | set(unseen)
        for fault in self.faults:
            for name in (fault.part, fault.other or ""):
                if name.partition(".")[0] in gone or name in wires:
                    raise NoSuchPart(f"this bench has no {name}, of which the scene has the fault {fault.fault!r}")
        left: dict[str, object] = {
            name: None for name in ("series_switch", "mains_switch", "amplifier", "chamber") if name not in parts
        }
        lacking = {"neighbour", "generator", "chamber"} & set(gone)
        left["instruments"] = self.instruments.model_copy(update=dict.fromkeys(lacking))
        for name in ("contactors", "cables"):
            left[name] = {key: one for key, one in getattr(self, name).items() if key not in gone}
        left["transducers"] = {name: one for name, one in self.transducers.items() if name not in unseen}
        daq = {channel: name for channel, name in self.channels.daq.items() if name not in unseen}
        left["channels"] = self.channels.model_copy(update={"daq": daq})
        return self.model_copy(update=left)
