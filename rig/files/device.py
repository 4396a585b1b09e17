"""The device file: what the maker declares about the device under test. Nothing here is measured."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rig.files.document import Entry, Names, PartName, Pattern
from rig.files.quantity import Amps, AmpsSquaredSeconds, Farads, Fraction, Ohms, Seconds, Unit, Volts

PortRole = Literal["source", "sink", "bidirectional"]


class EnergyInput(Entry):
    """The input that powers a source port, and how long the port needs to start."""

    nominal: Annotated[Volts, Field(gt=0)]
    minimum: Annotated[Volts, Field(gt=0)]
    maximum: Annotated[Volts, Field(gt=0)]
    rated_current: Annotated[Amps, Field(gt=0)]
    start_time: Annotated[Seconds, Field(gt=0)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.minimum <= self.nominal <= self.maximum:
            raise ValueError("minimum, nominal and maximum must rise in this order")
        return self


class Protection(Entry):
    """How the port reacts to overcurrent: it switches off (trip) or holds the current at `limit_current` (limit)."""

    type: Literal["trip", "limit"]
    limit_current: Annotated[Amps, Field(gt=0)] | None = None
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


class Port(Entry):
    """One port of the device: `link` is the nominal voltage class, `voltage` what this port regulates to, `droop` by
    how much it lets that fall with the current, where it regulates at all.
    """

    role: PortRole
    link: Annotated[Volts, Field(gt=0)]
    voltage: Annotated[Volts, Field(gt=0)]
    band: Annotated[Fraction, Field(ge=0, lt=1)]
    rated_current: Annotated[Amps, Field(gt=0)]
    source_resistance: Annotated[Ohms, Field(gt=0)]
    droop: Annotated[Ohms, Field(gt=0)] | None = None
    output_capacitance: Annotated[Farads, Field(gt=0)]
    output_esr: Annotated[Ohms, Field(gt=0)]
    current_limit: Annotated[Amps, Field(gt=0)]
    protection: Protection
    recovery: Recovery
    reverse: Reverse

    @property
    def highest_voltage(self) -> float:
        """The upper end of the declared voltage band, V."""
        return self.voltage * (1 + self.band)


class Device(Entry):
    """A device file. `consent` lists the serial numbers whose owner agrees to destructive cases."""

    version: Literal[1] = Field(alias="schema")
    name: str
    maker: str
    model: str
    serial_pattern: Pattern
    roles: Annotated[tuple[PortRole, ...], Field(strict=False)]
    energy_input: EnergyInput | None = None
    ports: Annotated[dict[PartName, Port], Field(min_length=1)]
    deviations: Names = ()
    consent: Names = ()

    @property
    def port(self) -> Port:
        """The device's only port. Raises ValueError when there are several: name one then."""
        if len(self.ports) != 1:
            raise ValueError(f"device {self.name} has the ports {', '.join(self.ports)}; name the one that is meant")
        return next(iter(self.ports.values()))


def declared_unit(path: str) -> Unit | None:
    """The unit of a declared number, for example of "protection.peak_current"; None when a port has no such number."""
    model: type[Entry] = Port
    *sections, last = path.split(".")
    for section in sections:
        field = model.model_fields.get(section)
        if field is None or not isinstance(field.annotation, type) or not issubclass(field.annotation, Entry):
            return None
        model = field.annotation
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
        value = getattr(value, part)
    assert value is None or isinstance(value, float)
    return value


def _metadata(annotation: object) -> tuple[object, ...]:
    return getattr(annotation, "__metadata__", ())
