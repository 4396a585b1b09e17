"""Keysight E36312A on its LAN port: output 2 (25 V, 1 A) is on the bench, 1 (6 V, 5 A) and 3 have open terminals.

Written from the "E36300 Series Programming Guide" (E36311-90008) as far as public sources quote it, and from the guides
of the older E363x supplies, whose commands it goes on with: a channel list may be left out and then means the output
that INSTrument selects; numbers come back as +d.dddddddde+dd, the error queue holds 20 and answers +0,"No error".
OUTPut:PROTection:CLEar restores the output to its state before the trip, and OUTPut? goes on answering that state.
OCP is the current limit, after CURR:PROT:DEL (50 ms at first). Not verified: the weights of the channel's register.
LIST, DLOG, APPLy, TRIGger and CALibration are not there.
"""

from rig.twin.bench.supply_class import KEYSIGHT_E36312A
from rig.twin.wire.output import IdleStage, Output, Settings, Spans
from rig.twin.wire.output_rows import Rows
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi_args import Omissible, Span, channel_list, choice, integer
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

DELAY = Span(0.0, 0.255, 0.05)
SIX_VOLTS = Spans(Span(0.0, 6.18), Span(0.0, 5.15, 5.0), Span(0.5, 6.6, 6.6), delay=DELAY)
TWENTY_FIVE_VOLTS = Spans(Span(0.0, 25.75), Span(0.0, 1.03, 1.0), Span(1.0, 27.5, 27.5), delay=DELAY)
CHANNELS = (1, 2, 3)
WIRED = 2


class _Selected:
    """The output that commands without a channel list mean."""

    channel = 1

    def choose(self, channel: int) -> None:
        Span(CHANNELS[0], CHANNELS[-1]).take(channel)
        self.channel = channel

    def name(self, word: str) -> None:
        self.channel = int(word[-1])


def exponent(value: float) -> str:
    return f"{value:+.8E}"


def condition(output: Output) -> str:
    return str({"CC": 1, "CP": 1, "CV": 2}.get(output.stage.regulation, 0))


def tripped(alarm: str, output: Output) -> str:
    return str(int(output.stage.alarm() == alarm))


def build(supply: Supply, serial: str = "MY59002345") -> ScpiInstrument:
    """The instrument with `supply` behind its output 2."""

    def output(channel: int, spans: Spans) -> Output:
        stage = supply if channel == WIRED else IdleStage(KEYSIGHT_E36312A)
        return Output(stage, spans, Settings(0.0, spans.amps.default, spans.ovp.high, delay=DELAY.default))

    outputs = {channel: output(channel, SIX_VOLTS if channel == 1 else TWENTY_FIVE_VOLTS) for channel in CHANNELS}
    selected = _Selected()
    rows = Rows(outputs, Omissible(channel_list(CHANNELS), lambda: (selected.channel,)))

    def release(one: Output) -> None:
        one.release(restores=True)

    level = "[:LEVel][:IMMediate][:AMPLitude]"
    commands = [
        rows.number(f"[:SOURce]:VOLTage{level}", "volts", "V", exponent),
        rows.number(f"[:SOURce]:CURRent{level}", "amps", "A", exponent),
        rows.number("[:SOURce]:VOLTage:PROTection[:LEVel]", "ovp", "V", exponent),
        rows.flag("[:SOURce]:VOLTage:PROTection:STATe", "ovp_on"),
        rows.text("[:SOURce]:VOLTage:PROTection:TRIPped", lambda one: tripped("OVP", one)),
        rows.action("[:SOURce]:VOLTage:PROTection:CLEar", release),
        rows.flag("[:SOURce]:CURRent:PROTection:STATe", "limit_trip"),
        rows.number("[:SOURce]:CURRent:PROTection:DELay[:TIME]", "delay", "S", exponent),
        rows.text("[:SOURce]:CURRent:PROTection:TRIPped", lambda one: tripped("OCP", one)),
        rows.action("[:SOURce]:CURRent:PROTection:CLEar", release),
        rows.word("[:SOURce]:VOLTage:SENSe[:SOURce]", "remote_sense", "EXTernal", "INTernal"),
        rows.switch("OUTPut[:STATe]", lambda one: one.on),
        rows.action("OUTPut:PROTection:CLEar", release),
        rows.measured("MEASure[:SCALar][:VOLTage][:DC]", 0, exponent),
        rows.measured("MEASure[:SCALar]:CURRent[:DC]", 1, exponent),
        Command("INSTrument:NSELect", lambda: str(selected.channel), selected.choose, (integer,)),
        Command("INSTrument[:SELect]", lambda: f"CH{selected.channel}", selected.name, (choice("CH1", "CH2", "CH3"),)),
        Command(
            "STATus:QUEStionable:INSTrument:ISUMmary<n>:CONDition",
            lambda channel: condition(outputs[int(Span(1, 3).take(channel))]),
        ),
        Command("SYSTem:REMote", set=lambda: None),
        Command("SYSTem:LOCal", set=lambda: None),
    ]

    def reset() -> None:
        selected.channel = 1
        for one in outputs.values():
            one.reset()

    identity = f"Keysight Technologies,E36312A,{serial},2.1.0-1.0.4-1.12"
    return ScpiInstrument(identity, commands, reset=reset, dialect=Dialect(queue=20, signed=True))
