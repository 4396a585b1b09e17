"""TDK-Lambda Genesys GEN60-40 (60 V, 40 A, 2.4 kW) with its LAN interface, SCPI.

Written from the LAN manual IA672-04-01 (pages 54 and 55: condition registers; 1 is constant voltage, 2 constant
current, none of them with the output off), the IEMD manual's table 4 (questionable register), the GEN 2.4 kW manual
page 74 (foldback; OUT ON recovers from OVP and foldback; arming foldback again releases it) and tables 7-1 and 7-5
(levels to 105 %; PV above 95 % of OVP is E01, OVP below 105 % of PV is E04), the maker's driver for the IEEE interface
(they are +301 and +304), the GEN 3.3 kW manual section 11.8 (form of errors; SYST:ERR:ENAB empties the queue, and the
LAN interface queues errors without it) and two replies to *IDN?. Foldback trips at the current limit, 250 ms later. Not
verified: that switching the output off releases an OVP, the form of numbers and of OUTP:STAT?.
"""

from rig.twin.wire.output import Output, Settings, Spans
from rig.twin.wire.output_rows import Rows
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Span, boolean, choice
from rig.twin.wire.scpi_instrument import TEXTS, Command, Dialect, ScpiInstrument

SPANS = Spans(Span(0.0, 63.0), Span(0.0, 42.0), Span(5.0, 66.0))
FOLDBACK = 0.25  # s
VOLTS_ABOVE_OVP, OVP_BELOW_VOLTS = 301, 304
OWN = {VOLTS_ABOVE_OVP: "PV above OVP", OVP_BELOW_VOLTS: "OVP below PV"}
ADDRESS = 6  # as delivered
DIALECT = Dialect(
    queue=10,
    signed=True,
    bare_zero=True,
    texts={code: f"{text};address {ADDRESS:02d}" for code, text in {**TEXTS, **OWN}.items() if code},
)
REMOTE_MODES = ("LOC", "REM", "LLO")


def three(value: float) -> str:
    return f"{value:.3f}"


class _Front:
    def __init__(self, output: Output) -> None:
        self.output = output
        self.remote = "REM"

    def switch(self, on: bool) -> None:
        """OUT ON recovers from a latched protection, OUT OFF ends an OVP."""
        if on or self.output.stage.alarm() == "OVP":
            self.output.stage.clear_alarm()
        self.output.switch(on)

    def arm(self, on: bool) -> None:
        """Arming foldback again releases it; the output goes back to what is programmed."""
        self.output.set("limit_trip", on)
        if self.output.stage.alarm() == "OCP":
            self.output.release(restores=True)

    def set_remote(self, word: str) -> None:
        self.remote = word

    def operation(self) -> str:
        weight = {"OFF": 0, "CV": 1, "CC": 2, "CP": 2}[self.output.stage.regulation]
        local = 128 * (self.remote == "LOC")
        return str(weight + local)

    def questionable(self) -> str:
        return str({None: 0, "OVP": 16, "OCP": 8}[self.output.stage.alarm()])

    def reset(self) -> None:
        self.output.reset()
        self.remote = "REM"


def below_ovp(output: Output, volts: float) -> None:
    if volts > 0.95 * output.settings.ovp:
        raise ScpiError(VOLTS_ABOVE_OVP)


def above_volts(output: Output, ovp: float) -> None:
    if ovp < 1.05 * output.settings.volts:
        raise ScpiError(OVP_BELOW_VOLTS)


def build(supply: Supply, serial: str = "123A456-01") -> ScpiInstrument:
    """The instrument in front of `supply`."""
    output = Output(supply, SPANS, Settings(0.0, 0.0, SPANS.ovp.high, delay=FOLDBACK))
    front, rows = _Front(output), Rows({1: output})

    def forget_errors() -> None:
        instrument.errors.clear()

    level = "[:LEVel][:IMMediate][:AMPLitude]"
    commands = [
        rows.number(f"[:SOURce]:VOLTage{level}", "volts", "V", three, unless=below_ovp),
        rows.number(f"[:SOURce]:CURRent{level}", "amps", "A", three),
        rows.number("[:SOURce]:VOLTage:PROTection[:LEVel]", "ovp", "V", three, unless=above_volts),
        rows.text("[:SOURce]:VOLTage:PROTection:TRIPped", lambda one: str(int(one.stage.alarm() == "OVP"))),
        Command(
            "[:SOURce]:CURRent:PROTection:STATe",
            lambda: str(int(output.settings.limit_trip)),
            front.arm,
            (boolean,),
        ),
        rows.text("[:SOURce]:CURRent:PROTection:TRIPped", lambda one: str(int(one.stage.alarm() == "OCP"))),
        rows.text("[:SOURce]:MODE", lambda one: {"CP": "CC"}.get(one.stage.regulation, one.stage.regulation)),
        Command("OUTPut[:STATe]", lambda: str(int(output.stage.output_on)), front.switch, (boolean,)),
        rows.measured("MEASure[:SCALar]:VOLTage[:DC]", 0, three),
        rows.measured("MEASure[:SCALar]:CURRent[:DC]", 1, three),
        Command("STATus:OPERation:CONDition", front.operation),
        Command("STATus:QUEStionable:CONDition", front.questionable),
        Command("SYSTem:ERRor:ENABle", set=forget_errors),
        Command("SYSTem:SET", lambda: front.remote, front.set_remote, (choice(*REMOTE_MODES),)),
    ]
    identity = f"LAMBDA,GEN60-40-LAN,S/N:{serial},2U5K:5.1.1-LAN:2.1"
    instrument = ScpiInstrument(identity, commands, reset=front.reset, dialect=DIALECT)
    return instrument
