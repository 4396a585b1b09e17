"""R&S NGP824: output 1 (64 V, 10 A, 200 W) is on the bench, 2 to 4 have open terminals.

Written from the NGP800 User Manual (5601.5610.02, pages 180 and 192 of the copies read) and the maker's own Python
driver RsNgx 3.1.0, which carries the manual's text: a channel list may be left out and then means the output that
INSTrument selects; the questionable register of an output has 1 in CC and 2 in CV, 16 over temperature, 512 OVP and
1024 fuse; the electronic fuse trips at the current limit, FUSE:DEL later, and takes linked outputs with it. VOLT:SENS
knows AUTO and EXT. Tripped outputs are off and stay off when the trip is cleared: not verified. OUTPut:SELect
marks outputs that the master switch OUTPut:GENeral takes along; OUTPut does both for one output.
Not there: ramps, arbitrary, logging, tracking, digital I/O.
"""

from collections.abc import Sequence

from rig.twin.bench.supply_class import RS_NGP824
from rig.twin.wire.output import IdleStage, Output, Settings, Spans
from rig.twin.wire.output_rows import Rows
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi_args import Omissible, Span, boolean, channel_list, choice, integer
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

CHANNELS = (1, 2, 3, 4)
SPANS = Spans(Span(0.0, 64.05), Span(5e-4, 10.01), Span(0.0, 64.05, 64.05), delay=Span(0.0, 10.0))
START = Settings(0.0, 0.1, SPANS.ovp.high, ovp_on=False)


def volts(value: float) -> str:
    return f"{value:.3f}"


def amps(value: float) -> str:
    return f"{value:.4f}"


class _Front:
    """The selected output, and fuses that are linked."""

    def __init__(self, outputs: dict[int, Output]) -> None:
        self.outputs, self.channel = outputs, 1
        self.links: dict[int, set[int]] = {channel: set() for channel in outputs}

    def choose(self, channel: int) -> None:
        Span(CHANNELS[0], CHANNELS[-1]).take(channel)
        self.channel = channel

    def name(self, word: str) -> None:
        self.channel = int(word[-1])

    def link(self, channel: int) -> None:
        Span(0, CHANNELS[-1]).take(channel)
        self.links[self.channel] |= set(CHANNELS) - {self.channel} if channel == 0 else {channel}

    def unlink(self, channel: int) -> None:
        Span(0, CHANNELS[-1]).take(channel)
        self.links[self.channel] -= set(CHANNELS) if channel == 0 else {channel}

    def linked(self) -> str:
        return ",".join(str(channel) for channel in sorted(self.links[self.channel]))

    def set_sense(self, word: str, listed: Sequence[int]) -> None:
        for channel in listed:
            self.outputs[channel].set("remote_sense", word == "EXT")

    def select(self, on: bool, listed: Sequence[int]) -> None:
        """Whether the master switch takes the output along."""
        for channel in listed:
            self.outputs[channel].on = on

    def master(self, on: bool) -> None:
        for output in self.outputs.values():
            output.stage.set_output(on and output.on and output.stage.alarm() is None)

    def fuses(self) -> None:
        """Outputs go off with a fuse that they are linked to."""
        for channel, output in self.outputs.items():
            if output.stage.alarm() == "OCP":
                for other in self.links[channel]:
                    self.outputs[other].switch(False)


def build(supply: Supply, serial: str = "101234") -> ScpiInstrument:
    """The instrument with `supply` behind its output 1."""
    outputs = {channel: Output(supply if channel == 1 else IdleStage(RS_NGP824), SPANS, START) for channel in CHANNELS}
    front = _Front(outputs)
    listed = Omissible(channel_list(CHANNELS), lambda: (front.channel,))
    rows = Rows(outputs, listed)

    def shown(output: Output) -> bool:
        front.fuses()
        return output.stage.output_on

    def condition(channel: int) -> str:
        output = outputs[int(Span(1, 4).take(channel))]
        weight = {"CC": 1, "CP": 1, "CV": 2, "OFF": 0}[output.stage.regulation]
        return str(weight + {None: 0, "OVP": 512, "OCP": 1024}[output.stage.alarm()])

    def tripped(alarm: str, output: Output) -> str:
        return str(int(output.stage.alarm() == alarm))

    def clears(alarm: str, output: Output) -> None:
        if output.stage.alarm() == alarm:
            output.release(restores=False)

    level = "[:LEVel][:IMMediate][:AMPLitude]"
    commands = [
        rows.number(f"[:SOURce]:VOLTage{level}", "volts", "V", volts),
        rows.number(f"[:SOURce]:CURRent{level}", "amps", "A", amps),
        rows.flag("[:SOURce]:VOLTage:PROTection[:STATe]", "ovp_on"),
        rows.number("[:SOURce]:VOLTage:PROTection:LEVel", "ovp", "V", volts),
        rows.text("[:SOURce]:VOLTage:PROTection:TRIPped", lambda one: tripped("OVP", one)),
        rows.action("[:SOURce]:VOLTage:PROTection:CLEar", lambda one: clears("OVP", one)),
        rows.action("[:SOURce]:PROTection:CLEar", lambda one: one.release(restores=False)),
        rows.flag("FUSE[:STATe]", "limit_trip"),
        rows.number("FUSE:DELay", "delay", "S", volts),
        rows.text("FUSE:TRIPped", lambda one: tripped("OCP", one)),
        rows.action("FUSE:TRIPped:CLEar", lambda one: clears("OCP", one)),
        Command("FUSE:LINK", front.linked, front.link, (integer,)),
        Command("FUSE:UNLink", None, front.unlink, (integer,)),
        Command(
            "[:SOURce]:VOLTage:SENSe[:SOURce]",
            rows.text("SENSe", lambda one: "EXT" if one.settings.remote_sense else "AUTO").get,
            front.set_sense,
            (choice("AUTO", "EXT"), listed),
            asks=(listed,),
        ),
        rows.switch("OUTPut[:STATe]", shown),
        Command(
            "OUTPut:SELect",
            rows.text("OUTPut", lambda one: str(int(one.on))).get,
            front.select,
            (boolean, listed),
            asks=(listed,),
        ),
        Command(
            "OUTPut:GENeral[:STATe]",
            lambda: str(int(any(one.stage.output_on for one in outputs.values()))),
            front.master,
            (boolean,),
        ),
        rows.measured("MEASure[:SCALar][:VOLTage][:DC]", 0, volts),
        rows.measured("MEASure[:SCALar]:CURRent[:DC]", 1, amps),
        Command("STATus:QUEStionable:INSTrument:ISUMmary<n>:CONDition", condition),
        Command("INSTrument:NSELect", lambda: str(front.channel), front.choose, (integer,)),
        Command(
            "INSTrument[:SELect]",
            lambda: f"OUT{front.channel}",
            front.name,
            (choice("OUTPut1", "OUTPut2", "OUTPut3", "OUTPut4", "OUT1", "OUT2", "OUT3", "OUT4"),),
        ),
        Command("SYSTem:REMote", set=lambda: None),
        Command("SYSTem:LOCal", set=lambda: None),
    ]

    def reset() -> None:
        front.channel = 1
        for one in outputs.values():
            one.reset()

    identity = f"Rohde&Schwarz,NGP824,{serial},02.015"
    return ScpiInstrument(identity, commands, reset=reset, dialect=Dialect(queue=20))
