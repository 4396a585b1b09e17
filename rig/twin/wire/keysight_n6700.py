"""Keysight N6700C mainframe: slot 1 holds the N6745B (60 V, 1.6 A, 100 W) of the bench, slot 2 an N6733B, idle.

Written from the N6701C and N6705C Operating and Service Guides (status registers, pages 309 and 350), the N6900/N7900
guide for what the shared command set does on a trip (pages 251 and 252: the programmed output state stays, and
OUTPut:PROTection:CLEar goes back to it) and the N6705 Specifications Guide page 18 for the ranges. Every command of the
source, output and measure subsystems wants its channel list. CURRent:PROTection:STATe trips at the current limit after
CURR:PROT:DEL (20 ms at first). Voltage protection cannot be switched off.
Not verified: the form of numbers, the settings after *RST. LIST, ARB, DLOG, FETCh and coupling are not there.
"""

from dataclasses import dataclass

from rig.twin.bench.supply_class import KEYSIGHT_N6745B
from rig.twin.wire.output import IdleStage, Output, Settings, Spans
from rig.twin.wire.output_rows import Rows
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi_args import Span, channel_list
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

DELAY = Span(0.0, 0.255, 0.02)
OFF_BIT, CV_BIT, CC_BIT, CP_BIT = 4, 1, 2, 512
OVP_BIT, OCP_BIT, LIMITED_BIT = 1, 2, 128


@dataclass(frozen=True, slots=True)
class Module:
    model: str
    spans: Spans


MODULES = {
    1: Module("N6745B", Spans(Span(0.07, 61.2), Span(2.5e-3, 1.7), Span(0.0, 66.0), delay=DELAY)),
    2: Module("N6733B", Spans(Span(0.03, 20.4), Span(10e-3, 2.55), Span(0.0, 22.0), delay=DELAY)),
}


def exponent(value: float) -> str:
    return f"{value:+.6E}"


def operation(output: Output) -> str:
    return str({"OFF": OFF_BIT, "CV": CV_BIT, "CC": CC_BIT, "CP": CP_BIT}[output.stage.regulation])


def questionable(output: Output) -> str:
    alarm = {None: 0, "OVP": OVP_BIT, "OCP": OCP_BIT}[output.stage.alarm()]
    return str(alarm + LIMITED_BIT * (output.stage.regulation == "CC"))


def build(supply: Supply, serial: str = "MY56000123") -> ScpiInstrument:
    """The mainframe with `supply` as the module in slot 1."""

    def output(slot: int, module: Module) -> Output:
        spans = module.spans
        start = Settings(spans.volts.low, spans.amps.low, spans.ovp.high, delay=DELAY.default)
        return Output(supply if slot == 1 else IdleStage(KEYSIGHT_N6745B), spans, start)

    outputs = {slot: output(slot, module) for slot, module in MODULES.items()}
    listed = channel_list(tuple(MODULES))
    rows = Rows(outputs, listed)
    level = "[:LEVel][:IMMediate][:AMPLitude]"
    commands = [
        rows.number(f"[:SOURce]:VOLTage{level}", "volts", "V", exponent),
        rows.number(f"[:SOURce]:CURRent{level}", "amps", "A", exponent),
        rows.number("[:SOURce]:VOLTage:PROTection[:LEVel]", "ovp", "V", exponent),
        rows.flag("[:SOURce]:CURRent:PROTection:STATe", "limit_trip"),
        rows.number("[:SOURce]:CURRent:PROTection:DELay[:TIME]", "delay", "S", exponent),
        rows.word("[:SOURce]:VOLTage:SENSe[:SOURce]", "remote_sense", "EXTernal", "INTernal"),
        rows.text("[:SOURce]:VOLTage:RANGe", lambda one: exponent(one.spans.volts.high)),
        rows.text("[:SOURce]:CURRent:RANGe", lambda one: exponent(one.spans.amps.high)),
        rows.switch("OUTPut[:STATe]", lambda one: one.on),
        rows.action("OUTPut:PROTection:CLEar", lambda one: one.release(restores=True)),
        rows.measured("MEASure[:SCALar]:VOLTage[:DC]", 0, exponent),
        rows.measured("MEASure[:SCALar]:CURRent[:DC]", 1, exponent),
        rows.text("STATus:OPERation:CONDition", operation),
        rows.text("STATus:QUEStionable:CONDition", questionable),
        Command("SYSTem:CHANnel[:COUNt]", lambda: str(len(MODULES))),
        Command("SYSTem:CHANnel:MODel", lambda slots: ",".join(MODULES[slot].model for slot in slots), asks=(listed,)),
        Command("SYSTem:CHANnel:OPTion", lambda slots: ",".join("0" for _ in slots), asks=(listed,)),
        Command("SYSTem:CHANnel:SERial", lambda slots: ",".join(f"{serial}-{slot}" for slot in slots), asks=(listed,)),
    ]

    def reset() -> None:
        for one in outputs.values():
            one.reset()

    identity = f"Keysight Technologies,N6700C,{serial},E.02.07.3066"
    return ScpiInstrument(identity, commands, reset=reset, dialect=Dialect(queue=20, signed=True))
