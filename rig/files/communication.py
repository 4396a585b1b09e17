"""What a device tells by its Modbus map, as its maker declares it: which register holds what."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from rig.files.document import Entry
from rig.files.quantity import Amps, Celsius, Joules, Kelvin, Seconds

RegisterType = Literal["u16", "i16", "u32", "i32"]


class Register(Entry):
    """One number of the map: its first register, counted from 0 as in the frame, and its type, high word first."""

    address: Annotated[int, Field(ge=0, le=0xFFFF)]
    type: RegisterType = "u16"


class Text(Entry):
    """ASCII text of the map, two characters a register, padded with zeros."""

    address: Annotated[int, Field(ge=0, le=0xFFFF)]
    words: Annotated[int, Field(gt=0, le=125)]


class FaultReport(Entry):
    """The register that says what is wrong; `overcurrent` and `none` are the codes for that, all others stand apart."""

    address: Annotated[int, Field(ge=0, le=0xFFFF)]
    none: Annotated[int, Field(ge=0, le=0xFFFF)] = 0
    overcurrent: Annotated[int, Field(ge=0, le=0xFFFF)]

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.none == self.overcurrent:
            raise ValueError("none and overcurrent need codes of their own")
        return self


class Communication(Entry):
    """The read-only Modbus map of a device (function 3). Where it answers stands in the bench file."""

    serial: Text | None = None
    resets: Register | None = None
    fault: FaultReport | None = None


class SignalGround(Entry):
    """The signal ground of a device's data connector, the shell of its USB connector for one: whether it is `isolated`
    from the return of its ports or joined to it, and the most that a second return may make flow there for good.
    """

    isolated: bool
    loop_current: Annotated[Amps, Field(gt=0)]


class EnergyCounter(Entry):
    """The energy registers of a port: `step` is the energy of one count, `update` how old what they show may be.

    `exported` counts what goes out of the device, `imported` what goes into it.
    """

    step: Annotated[Joules, Field(gt=0)]
    update: Annotated[Seconds, Field(gt=0)]
    exported: Register | None = None
    imported: Register | None = None

    @model_validator(mode="after")
    def _any(self) -> Self:
        if self.exported is None and self.imported is None:
            raise ValueError("a counter has a register: exported, imported or both")
        return self


class PortTemperature(Entry):
    """How warm the device says that a port is: the register that is `shown`, in steps of `resolution` and right
    `within` so much, and the `highest` that its maker allows.
    """

    shown: Register
    resolution: Annotated[Kelvin, Field(gt=0)]
    within: Annotated[Kelvin, Field(gt=0)]
    highest: Celsius
