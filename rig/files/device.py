"""The device file: what the maker declares about the device under test. Nothing here is measured."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from rig.files.communication import Communication, EnergyCounter, PortTemperature, SignalGround
from rig.files.document import Entry, Finding, Names, PartName, Pattern
from rig.files.explain import choices
from rig.files.quantity import Amps, AmpsSquaredSeconds, Farads, Fraction, Kelvin, Ohms, Seconds, Unit, Volts, Watts
from rig.files.sizes import sizes
from rig.files.temperatures import Temperatures

PortRole = Literal["source", "sink", "bidirectional"]


class EnergyInput(Entry):
    """The input that powers a source port, and how long the port needs to start. `returns`: the most that the device
    gives back there, as a charge controller gives its battery; whatever stands for that has to take it.
    `starts_from`: it starts from there on, where that is more than the minimum, with which it works.
    """

    nominal: Annotated[Volts, Field(gt=0)]
    minimum: Annotated[Volts, Field(gt=0)]
    maximum: Annotated[Volts, Field(gt=0)]
    rated_current: Annotated[Amps, Field(gt=0)]
    start_time: Annotated[Seconds, Field(gt=0)]
    returns: Annotated[Amps, Field(gt=0)] | None = None
    starts_from: Annotated[Volts, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.minimum <= self.nominal <= self.maximum:
            raise ValueError("minimum, nominal and maximum must rise in this order")
        if self.starts_from is not None and not self.minimum <= self.starts_from <= self.nominal:
            raise ValueError("starts_from must lie between minimum and nominal")
        return self


class Protection(Entry):
    """How the port reacts to overcurrent: it switches off (trip) or holds the current at `limit_current` (limit).

    `short_delay`: after how long a short circuit is switched off, as the maker has set it.
    """

    type: Literal["trip", "limit"]
    limit_current: Annotated[Amps, Field(gt=0)] | None = None
    short_delay: Annotated[Seconds, Field(gt=0)] | None = None
    peak_current: Annotated[Amps, Field(gt=0)]
    let_through_i2t: Annotated[AmpsSquaredSeconds, Field(gt=0)]

    @model_validator(mode="after")
    def _limit_stated(self) -> Self:
        if (self.type == "limit") != (self.limit_current is not None):
            raise ValueError("limit_current belongs to type limit, and type limit needs it")
        return self


class Recovery(Entry):
    """How the port comes back after a fault (`class` in the file) and in what time."""

    kind: Literal["auto", "auto-n", "manual"] = Field(alias="class")
    time: Annotated[Seconds, Field(gt=0)]


class Reverse(Entry):
    """The current that a reversed voltage drives into the unpowered port."""

    current: Annotated[Amps, Field(ge=0)]


class LoadStage(Entry):
    """A part of a load that goes below a voltage and comes back above another, and the current that goes with it."""

    off_below: Annotated[Volts, Field(gt=0)]
    on_above: Annotated[Volts, Field(gt=0)]
    current: Annotated[Amps, Field(gt=0)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.off_below >= self.on_above:
            raise ValueError("off_below must lie below on_above")
        return self


class Consumption(Entry):
    """What a fed port takes from `minimum` to `maximum`: at least `working` while it does what it is for, at least
    `partly` while it does some of that, and how long it takes to begin. `function_class`: I for what must go on in a
    deep sag, II for what may stop (ISO 21780). `discharge_time`: after it nothing inside holds a voltage any more, also
    behind a switch of its own; without it no source is reversed onto the port. `sleeps_below`: there it does nothing
    and waits for its feed. `starts_from`: as that of an energy input.
    """

    function_class: Literal["I", "II"]
    minimum: Annotated[Volts, Field(gt=0)]
    maximum: Annotated[Volts, Field(gt=0)]
    working: Annotated[Amps, Field(gt=0)]
    partly: Annotated[Amps, Field(gt=0)]
    start_time: Annotated[Seconds, Field(gt=0)]
    discharge_time: Annotated[Seconds, Field(gt=0)] | None = None
    sleeps_below: Annotated[Volts, Field(gt=0)] | None = None
    starts_from: Annotated[Volts, Field(gt=0)] | None = None
    stages: Annotated[tuple[LoadStage, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.partly > self.working or self.minimum > self.maximum:
            raise ValueError("partly must not exceed working, nor minimum maximum")
        if self.starts_from is not None and not self.minimum <= self.starts_from <= self.maximum:
            raise ValueError("starts_from must lie between minimum and maximum")
        return self


class Follows(Entry):
    """Between which voltages a port that has no converter of its own may stand, as what feeds it does."""

    minimum: Annotated[Volts, Field(gt=0)]
    maximum: Annotated[Volts, Field(gt=0)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("minimum must not exceed maximum")
        return self


class Charging(Entry):
    """The line on which a bidirectional port takes current: from `voltage` on, V, which rises with the current by
    `droop`, ohm, up to `current`, A."""

    voltage: Annotated[Volts, Field(gt=0)]
    droop: Annotated[Ohms, Field(gt=0)]
    current: Annotated[Amps, Field(gt=0)]


class ArcDetection(Entry):
    """By when a port is off whose device finds a series arc in what feeds it, from the arc's begin."""

    time: Annotated[Seconds, Field(gt=0)]


class Connector(Entry):
    """What a port's connector and line bear: `current`, at which they may get warmer than the air by `rise`."""

    current: Annotated[Amps, Field(gt=0)]
    rise: Annotated[Kelvin, Field(gt=0)]


class Port(Entry):
    """One port of the device: `link` is the nominal voltage class, `voltage` what this port regulates to, or is fed
    with, `band` how far that may lie off, `droop` by how much it lets its voltage fall with the current, where it
    regulates at all, `charging` the line on which it takes current, `signal_ground` how the data connector's ground is
    joined to this port's return, of a device that has one. A port that gives current declares `source_resistance` and
    `current_limit`, one that only takes it `consumption`.
    """

    role: PortRole
    link: Annotated[Volts, Field(gt=0)]
    voltage: Annotated[Volts, Field(gt=0)]
    band: Annotated[Fraction, Field(ge=0, lt=1)]
    rated_current: Annotated[Amps, Field(gt=0)]
    source_resistance: Annotated[Ohms, Field(gt=0)] | None = None
    droop: Annotated[Ohms, Field(gt=0)] | None = None
    output_capacitance: Annotated[Farads, Field(gt=0)]
    output_esr: Annotated[Ohms, Field(gt=0)]
    current_limit: Annotated[Amps, Field(gt=0)] | None = None
    protection: Protection
    recovery: Recovery
    reverse: Reverse
    consumption: Consumption | None = None
    follows: Follows | None = None
    charging: Charging | None = None
    counter: EnergyCounter | None = None
    temperature: PortTemperature | None = None
    signal_ground: SignalGround | None = None
    arc_detection: ArcDetection | None = None
    connector: Connector | None = None

    @model_validator(mode="after")
    def _by_role(self) -> Self:
        gives = (self.source_resistance, self.current_limit)
        if self.role == "sink":
            if any(one is not None for one in (*gives, self.droop)):
                raise ValueError("a sink gives no current: leave out source_resistance, current_limit and droop")
            if self.consumption is None:
                raise ValueError("a sink declares its consumption, which a sink without cannot be judged by")
        elif None in gives:
            raise ValueError(f"a {self.role} port declares source_resistance and current_limit")
        elif self.role == "source" and self.consumption is not None:
            raise ValueError("a source port takes no current: leave out consumption")
        if self.charging is not None and self.role != "bidirectional":
            raise ValueError(f"a {self.role} port does not charge: leave out charging")
        if self.connector is not None and self.connector.current < self.rated_current:
            raise ValueError("the connector's current must be no less than the rated_current of its port")
        return self

    @property
    def gives(self) -> tuple[float, float]:
        """Resistance, ohm, and current limit, A, of a port that gives current. Raises ValueError for a sink."""
        if self.source_resistance is None or self.current_limit is None:
            raise ValueError("a port that only takes current has neither source resistance nor current limit")
        return self.source_resistance, self.current_limit

    @property
    def highest_voltage(self) -> float:
        """The upper end of the declared voltage band, V."""
        return self.voltage * (1 + self.band)


class Mains(Entry):
    """The mains that the device lives on: its nominal voltage, rms, and what the device takes to start on it."""

    voltage: Annotated[Volts, Field(gt=0)]
    start_time: Annotated[Seconds, Field(ge=0)]


class AcOutput(Entry):
    """The mains that the device makes: its nominal voltage, rms, and what it may give."""

    voltage: Annotated[Volts, Field(gt=0)]
    power: Annotated[Watts, Field(gt=0)]


class Device(Entry):
    """A device file. `tested`: the port that the plans are carried out at, of a device that has several; `watched`:
    another one, with a load of its own, at which the bench looks meanwhile. `consent` lists the serial numbers whose
    owner agrees to destructive cases."""

    version: Literal[1] = Field(alias="schema")
    name: str
    maker: str
    model: str
    serial_pattern: Pattern
    roles: Annotated[tuple[PortRole, ...], Field(strict=False)]
    energy_input: EnergyInput | None = None
    mains: Mains | None = None
    ac_output: AcOutput | None = None
    communication: Communication | None = None
    operating_temperature: Temperatures | None = None
    """Of the air in which it works as declared."""
    ports: Annotated[dict[PartName, Port], Field(min_length=1)]
    tested: PartName | None = None
    watched: PartName | None = None
    deviations: Names = ()
    consent: Names = ()

    @staticmethod
    def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
        """Sizes that are none; a port that nobody chose."""
        yield from sizes(data)
        ports, tested = data.get("ports"), data.get("tested")
        if not isinstance(ports, Mapping):
            return
        for key in ("tested", "watched"):
            if isinstance(name := data.get(key), str) and name not in ports:
                yield (key,), f"there is no port {name!r} ({choices(name, [str(one) for one in ports])})"
        if tested is not None and tested == data.get("watched"):
            yield ("watched",), "is the port that is tested: name another one"
        if tested is None and len(ports) > 1:
            names = ", ".join(str(name) for name in ports)
            yield ("ports",), f"are several ({names}): say with `tested` at which one the plans are carried out"

    @property
    def fed(self) -> bool:
        """Whether something outside feeds it: an energy input, or a port that takes current."""
        return self.energy_input is not None or any(port.role != "source" for port in self.ports.values())

    @property
    def lives_on_a_feed(self) -> bool:
        """Whether it does nothing without what feeds it from outside."""
        return self.energy_input is not None or all(port.role == "sink" for port in self.ports.values())

    @property
    def short_delay(self) -> float | None:
        """By when a port cuts a short off whose maker declares that, as those of batteries do, s; None of others."""
        return next((port.protection.short_delay for port in self.ports.values() if port.protection.short_delay), None)

    @property
    def signal_ground(self) -> SignalGround | None:
        """That of its data connector; None of a device that has none."""
        return next((port.signal_ground for port in self.ports.values() if port.signal_ground is not None), None)

    @property
    def port(self) -> Port:
        """The port that the plans are carried out at."""
        return self.ports[self.port_name]

    @property
    def port_name(self) -> str:
        """Its name."""
        return self.tested or next(iter(self.ports))


def declared_unit(path: str) -> Unit | None:
    """The unit of a declared number, for example of "protection.peak_current"; None when a port has no such number."""
    model: type[Entry] = Port
    *sections, last = path.split(".")
    for section in sections:
        field = model.model_fields.get(section)
        arms = () if field is None else (field.annotation, *getattr(field.annotation, "__args__", ()))
        inner = next((arm for arm in arms if isinstance(arm, type) and issubclass(arm, Entry)), None)
        if inner is None:
            return None
        model = inner
    if (field := model.model_fields.get(last)) is None:
        return None
    metadata = [*field.metadata, *(m for arm in getattr(field.annotation, "__args__", ()) for m in _metadata(arm))]
    return next((item for item in metadata if isinstance(item, Unit)), None)


def declared(port: Port, path: str) -> float | None:
    """The number at `path` below the port (SI); None when the maker declares none. Raises ValueError on a bad path."""
    if declared_unit(path) is None:
        raise ValueError(f"a port declares no quantity {path!r}")
    value: object = port
    for part in path.split("."):
        value = getattr(value, part, None)
    assert value is None or isinstance(value, float)
    return value


def _metadata(annotation: object) -> tuple[object, ...]:
    return getattr(annotation, "__metadata__", ())
