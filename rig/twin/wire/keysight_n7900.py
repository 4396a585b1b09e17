"""Keysight N7974A, 80 V, 25 A, 2 kW, of the Advanced Power System.

Written from the N6900/N7900 Operating and Service Guide: page 251 (OUTPut:PROTection:CLEar goes back to the state of
the output before the trip, output protection mode), 252 (a trip leaves the programmed output state), 286 and 287
(registers), 52 (least voltage 0.1 % of the rating). One output, no channel lists. In voltage priority CURRent:LIMit is
the current limit; CURRent:PROTection:STATe trips at it after CURR:PROT:DEL. Sinking is not modelled: CURR:LIM:NEG keeps
its value. A public driver that is used on an N6974A has the form of the replies: +8.160000E+01, registers +8192, states
0 and 1; and no command for remote sense. Not verified: the settings after *RST. LIST, ARB, digitizer and user
protection are not there, current priority is a conflict.
"""

from rig.twin.wire.keysight_n6700 import exponent, operation, questionable
from rig.twin.wire.output import Output, Settings, Spans
from rig.twin.wire.output_rows import Rows
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi_args import Span, between, choice, supported
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

SPANS = Spans(Span(0.08, 81.6), Span(0.0, 25.5), Span(0.0, 96.0), delay=Span(0.0, 0.255, 0.02))


class _Kept:
    """What the twin keeps and does not model."""

    least_amps = -2.5
    mode = "LOWZ"

    def set_least_amps(self, amps: float) -> None:
        self.least_amps = amps

    def set_mode(self, word: str) -> None:
        self.mode = word


def signed(register: str) -> str:
    """A whole number as this series prints it, with its sign."""
    return f"{int(register):+d}"


def build(supply: Supply, serial: str = "MY54000456") -> ScpiInstrument:
    """The instrument in front of `supply`."""
    output = Output(supply, SPANS, Settings(SPANS.volts.low, 0.255, SPANS.ovp.high, delay=SPANS.delay.default))
    rows, kept = Rows({1: output}), _Kept()
    level = "[:LEVel][:IMMediate][:AMPLitude]"
    commands = [
        Command(
            "[:SOURce]:FUNCtion", lambda: "VOLT", lambda _word: None, (supported("VOLTage", refused=("CURRent",)),)
        ),
        rows.number(f"[:SOURce]:VOLTage{level}", "volts", "V", exponent),
        rows.number("[:SOURce]:CURRent:LIMit[:POSitive][:IMMediate][:AMPLitude]", "amps", "A", exponent),
        Command(
            "[:SOURce]:CURRent:LIMit:NEGative[:IMMediate][:AMPLitude]",
            lambda: exponent(kept.least_amps),
            kept.set_least_amps,
            (between(-2.5, 0.0, "A"),),
            exponent,
        ),
        rows.number("[:SOURce]:VOLTage:PROTection[:LEVel]", "ovp", "V", exponent),
        rows.flag("[:SOURce]:CURRent:PROTection:STATe", "limit_trip"),
        rows.number("[:SOURce]:CURRent:PROTection:DELay[:TIME]", "delay", "S", exponent),
        rows.switch("OUTPut[:STATe]", lambda one: one.on),
        rows.action("OUTPut:PROTection:CLEar", lambda one: one.release(restores=True)),
        Command("OUTPut:PROTection:MODE", lambda: kept.mode, kept.set_mode, (choice("HIGHZ", "LOWZ"),)),
        Command("OUTPut:PROTection:TEMPerature:MARGin", lambda: exponent(40.0)),
        rows.measured("MEASure[:SCALar]:VOLTage[:DC]", 0, exponent),
        rows.measured("MEASure[:SCALar]:CURRent[:DC]", 1, exponent),
        rows.text("STATus:OPERation:CONDition", lambda one: signed(operation(one))),
        Command(
            "STATus:QUEStionable<n>:CONDition",
            lambda group: signed(questionable(output) if Span(1, 2).take(group) == 1 else "0"),
        ),
    ]
    identity = f"Keysight Technologies,N7974A,{serial},B.03.00.1024"
    return ScpiInstrument(identity, commands, reset=output.reset, dialect=Dialect(queue=20, signed=True))
