"""Watlow F4T on its raw socket 5025, loop 1 and event output 1, which switches the chamber.

Written from the list of SCPI commands of "TestEquity F4T Controller" (firmware 04:05:0007): settings have no reply,
temperatures are in the unit that :UNIT:TEMPERATURE tells, output states are ON and OFF, an input is ERROR or NONE. [K]:
one decimal, and the words of *IDN?. The list has no error queue; the one of every instrument here answers all the same.
"""

from collections.abc import Callable
from typing import Any

from rig.twin.wire import scpi
from rig.twin.wire.roles import Chamber
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, boolean, choice
from rig.twin.wire.scpi_instrument import Command, ScpiInstrument

IDENTITY = "Watlow Electric,F4T,5019,04:07:0012"


class Front:
    """Settings of the controller; those of the chamber are kept by it."""

    def __init__(self, chamber: Chamber) -> None:
        self.chamber, self.unit = chamber, "C"

    def shown(self, degc: float) -> str:
        return f"{degc if self.unit == 'C' else degc * 1.8 + 32.0:.1f}"

    def limits(self) -> tuple[float, float]:
        low, high = self.chamber.range
        return (low, high) if self.unit == "C" else (low * 1.8 + 32.0, high * 1.8 + 32.0)

    def aim(self, value: float) -> None:
        degc = value if self.unit == "C" else (value - 32.0) / 1.8
        self.chamber.control(degc, self.chamber.on)

    def switch(self, on: bool) -> None:
        self.chamber.control(self.chamber.set_point, on)

    def set_unit(self, unit: str) -> None:
        self.unit = unit


def build(chamber: Chamber) -> ScpiInstrument:
    """The instrument in front of `chamber`."""
    front = Front(chamber)
    degrees = Number(lambda: front.limits()[0], lambda: front.limits()[1])
    return ScpiInstrument(
        IDENTITY,
        [
            Command(":UNIT:TEMPerature", lambda: front.unit, front.set_unit, (choice("C", "F"),)),
            Command(":SOURce:CLOop<n>:PVALue", _first(lambda: front.shown(chamber.shown()))),
            Command(":SOURce:CLOop<n>:ERRor", _first(lambda: "NONE")),
            Command(
                ":SOURce:CLOop<n>:SPOint",
                _first(lambda: front.shown(chamber.set_point)),
                _first(front.aim),
                (degrees,),
            ),
            Command(":SOURce:CLOop<n>:RACTion", None, _first(lambda _: None), (choice("OFF"),)),
            Command(
                ":OUTPut<n>[:STATe]",
                _first(lambda: "ON" if chamber.on else "OFF"),
                _first(front.switch),
                (boolean,),
            ),
        ],
        reset=lambda: None,
    )


def _first(handle: Callable[..., Any]) -> Callable[..., Any]:
    """`handle` for loop and output 1; there are no others."""

    def call(number: int, *args: object) -> Any:
        if number != 1:
            raise ScpiError(scpi.SUFFIX_OUT_OF_RANGE)
        return handle(*args)

    return call
