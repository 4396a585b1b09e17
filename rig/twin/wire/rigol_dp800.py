"""Rigol DP832 on its LAN port: output 1 (30 V, 3 A) is on the bench, 2 (the same) and 3 (5 V, 3 A) have open terminals.

Written from the "DP800 Programming Guide" (PGH03108-1110): pages 1-10 (registers), 2-35 and 2-56 to 2-63 (OUTPut), and
from what public drivers and a bench log of a DP832A show of replies: set volts with three decimals, amperes and
readings with four, YES or NO, ON or OFF, NONE where an output has no sense. SOURce<n> names the output by its suffix,
OUTPut commands by CHn in front of the value; without, it is the output that INSTrument selects. After a trip the output
is off.
:OUTPut:OVP:CLEar leaves it off, :SOURce:VOLTage:PROTection:CLEar switches it on (DP2000 guide, page 48). :OUTPut:MODE?
answers CV for an output that is off. Not verified: the highest levels, and that a tripped output cannot be switched on.
"""

from collections.abc import Callable

from rig.twin.bench.supply_class import RIGOL_DP832
from rig.twin.wire.output import IdleStage, Output, Settings, Spans
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi_args import Omissible, Span, Wanted, boolean, choice, integer, wanted
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

NOMINAL = {1: (30.0, 3.0), 2: (30.0, 3.0), 3: (5.0, 3.0)}


def spans(volts: float, amps: float) -> Spans:
    """Levels to 105 % of nominal, thresholds to 110 %."""
    ocp = Span(0.001, round(1.1 * amps, 4))
    return Spans(Span(0.0, round(1.05 * volts, 3)), Span(0.0, round(1.05 * amps, 4)), Span(0.01, 1.1 * volts), ocp)


def three(value: float) -> str:
    return f"{value:.3f}"


def four(value: float) -> str:
    return f"{value:.4f}"


def on_off(on: bool) -> str:
    return "ON" if on else "OFF"


class _Front:
    """The outputs, and the one that is selected."""

    def __init__(self, outputs: dict[int, Output]) -> None:
        self.outputs, self.channel = outputs, 1

    def choose(self, channel: int) -> None:
        Span(1, 3).take(channel)
        self.channel = channel

    def at(self, channel: int) -> Output:
        return self.outputs[int(Span(1, 3).take(channel))]

    def selected(self) -> Output:
        return self.outputs[self.channel]

    def named(self, word: str) -> Output:
        return self.outputs[int(word[-1])]


class _Rows:
    """Rows of the guide by how they name the output."""

    def __init__(self, front: _Front) -> None:
        self.front = front
        self.which = Omissible(choice("CH1", "CH2", "CH3"), lambda: f"CH{front.channel}")

    def source(self, header: str, name: str, unit: str, form: Callable[[float], str]) -> list[Command]:
        """A setting of SOURce<n>, or without it of the selected output."""

        def rows(header: str, at: Callable[..., Output]) -> Command:
            def put(*numbers: object) -> None:
                *suffix, value = numbers
                output = at(*suffix)
                assert callable(value)
                output.set(name, value(getattr(output.spans, name)))

            return Command(
                header,
                lambda *suffix: form(getattr(at(*suffix).settings, name)),
                put,
                (wanted(unit),),
                bounds=lambda word, *suffix: form(getattr(at(*suffix).spans, name).named(word)),
            )

        return [rows(f"SOURce<n>:{header}", self.front.at), rows(header, self.front.selected)]

    def level(self, header: str, name: str, unit: str, form: Callable[[float], str]) -> Command:
        """A threshold of OUTPut."""

        def put(word: str, value: Wanted) -> None:
            output = self.front.named(word)
            output.set(name, value(getattr(output.spans, name)))

        return Command(
            header,
            lambda word: form(getattr(self.front.named(word).settings, name)),
            put,
            (self.which, wanted(unit)),
            asks=(self.which,),
        )

    def flag(self, header: str, shown: Callable[[Output], bool], act: Callable[[Output, bool], None]) -> Command:
        """A switch of OUTPut."""
        return Command(
            header,
            lambda word: on_off(shown(self.front.named(word))),
            lambda word, on: act(self.front.named(word), on),
            (self.which, boolean),
            asks=(self.which,),
        )

    def text(self, header: str, show: Callable[[Output], str]) -> Command:
        return Command(header, lambda word: show(self.front.named(word)), asks=(self.which,))

    def protection(self, alarm: str, name: str, unit: str, form: Callable[[float], str]) -> list[Command]:
        """All of OUTPut:OVP or OUTPut:OCP, and of SOURce:...:PROTection."""
        node = "VOLTage" if alarm == "OVP" else "CURRent"

        def put(output: Output, on: bool) -> None:
            output.set(f"{name}_on", on)

        def tripped(output: Output) -> bool:
            return output.stage.alarm() == alarm

        def clear(output: Output, *, restores: bool) -> None:
            if tripped(output):
                output.release(restores=restores)

        return [
            self.flag(f"OUTPut:{alarm}[:STATe]", lambda one: bool(getattr(one.settings, f"{name}_on")), put),
            self.level(f"OUTPut:{alarm}:VALue", name, unit, form),
            self.text(f"OUTPut:{alarm}:QUES", lambda one: "YES" if tripped(one) else "NO"),
            self.text(f"OUTPut:{alarm}:ALAR", lambda one: "YES" if tripped(one) else "NO"),
            Command(
                f"OUTPut:{alarm}:CLEar", None, lambda word: clear(self.front.named(word), restores=False), (self.which,)
            ),
            *self.source(f"{node}:PROTection[:LEVel]", name, unit, form),
            Command(
                f"[:SOURce<n>]:{node}:PROTection:STATe",
                lambda channel: on_off(getattr(self.front.at(channel).settings, f"{name}_on")),
                lambda channel, on: put(self.front.at(channel), on),
                (boolean,),
            ),
            Command(
                f"[:SOURce<n>]:{node}:PROTection:TRIPped",
                lambda channel: "YES" if tripped(self.front.at(channel)) else "NO",
            ),
            Command(
                f"[:SOURce<n>]:{node}:PROTection:CLEar",
                None,
                lambda channel: clear(self.front.at(channel), restores=True),
            ),
        ]


def build(supply: Supply, serial: str = "DP8C160400001") -> ScpiInstrument:
    """The instrument with `supply` behind its output 1."""

    def output(channel: int, nominal: tuple[float, float]) -> Output:
        limits = spans(*nominal)
        start = Settings(0.0, nominal[1], limits.ovp.high, limits.ocp.high, ovp_on=False)
        return Output(supply if channel == 1 else IdleStage(RIGOL_DP832), limits, start)

    front = _Front({channel: output(channel, nominal) for channel, nominal in NOMINAL.items()})
    rows = _Rows(front)

    def condition(channel: int) -> str:
        one = front.at(channel)
        weight = {"CC": 1, "CP": 1, "CV": 2, "OFF": 0}[one.stage.regulation]
        return str(weight + {None: 0, "OVP": 4, "OCP": 8}[one.stage.alarm()])

    def mode(one: Output) -> str:
        return "CC" if one.stage.regulation == "CC" else "CV"

    def everything(one: Output) -> str:
        reading = one.measure()
        return f"{four(reading[0])},{four(reading[1])},{three(reading[0] * reading[1])}"

    def apply(word: str, value: Wanted, limit: Wanted) -> None:
        one = front.named(word)
        pair = value(one.spans.volts), limit(one.spans.amps)
        one.set("volts", pair[0])
        one.set("amps", pair[1])

    level = "[:LEVel][:IMMediate][:AMPLitude]"
    commands = [
        *rows.source(f"VOLTage{level}", "volts", "V", three),
        *rows.source(f"CURRent{level}", "amps", "A", four),
        *rows.protection("OVP", "ovp", "V", three),
        *rows.protection("OCP", "ocp", "A", four),
        rows.flag("OUTPut[:STATe]", lambda one: one.stage.output_on, lambda one, on: one.switch(on)),
        rows.text("OUTPut:MODE", mode),
        rows.text("OUTPut:CVCC", mode),
        Command(
            "OUTPut:SENSe", lambda _word: "NONE", lambda _word, _on: None, (rows.which, boolean), asks=(rows.which,)
        ),
        Command("APPLy", None, apply, (rows.which, wanted("V"), wanted("A"))),
        rows.text("MEASure[:VOLTage][:DC]", lambda one: four(one.measure()[0])),
        rows.text("MEASure:CURRent[:DC]", lambda one: four(one.measure()[1])),
        rows.text("MEASure:POWEr[:DC]", lambda one: three(one.measure()[0] * one.measure()[1])),
        rows.text("MEASure:ALL[:DC]", everything),
        Command("INSTrument:NSELect", lambda: str(front.channel), front.choose, (integer,)),
        Command(
            "INSTrument[:SELect]",
            lambda: f"CH{front.channel}",
            lambda word: front.choose(int(word[-1])),
            (choice("CH1", "CH2", "CH3"),),
        ),
        Command("STATus:QUEStionable:INSTrument:ISUMmary<n>:CONDition", condition),
        Command("*OPT", lambda: "0"),  # no option installed; public drivers ask for it before anything else
        Command("SYSTem:REMote", set=lambda: None),
        Command("SYSTem:LOCal", set=lambda: None),
    ]

    def reset() -> None:
        front.channel = 1
        for one in front.outputs.values():
            one.reset()

    identity = f"RIGOL TECHNOLOGIES,DP832,{serial},00.01.16"
    return ScpiInstrument(identity, commands, reset=reset, dialect=Dialect(queue=20))
