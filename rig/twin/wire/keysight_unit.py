"""Keysight 34980A switch/measure unit, 34972A and DAQ970A data acquisition units, on their raw sockets.

Written from the 34980A programmer's reference and the 34970A and DAQ970A user's guides: ROUTe:CLOSe, OPEN, their
queries and CLOSe:EXCLusive, SYSTem:CTYPe? in each unit's own words, SYSTem:CPON, DIAGnostic:RELay:CYCLes?, and the
commands of `keysight_scan`. ROUTe:OPEN:ALL is the 34980A's. Error codes come with their sign. When its power comes
back, a unit opens all relays, also those that have kept their state without it. Answers of the DAQ970A to SYST:CTYP?
1 to 3 and its relay counts are [K]. Alarms, scaling, monitors and functions other than DC voltage are not there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rig.twin.bench.switch_cards import SLOTS, SwitchCard, channels, hundred, inputs
from rig.twin.clock import PS_PER_S
from rig.twin.wire import scpi
from rig.twin.wire.keysight_channels import TEXTS, able, block, channels_of, exponents, flags
from rig.twin.wire.keysight_scan import MOST_SWEEPS, RANGES, Scanner
from rig.twin.wire.keysight_switch import Cycles, Switch
from rig.twin.wire.roles import Calendar, Meter, Relays
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Omissible, between, boolean, integer, supported
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

FIELDS = {"UNIT": "UNIT", "TIME": "TIME", "CHAN": "CHANnel", "ALAR": "ALARm"}


@dataclass(frozen=True, slots=True)
class Words:
    """What a unit says of itself and of the card in a slot; `first` names slot 1 to SYSTem:CTYPe?."""

    identity: str
    card: Callable[[int, SwitchCard | None], str]
    first: int = 1


def _quoted(slot: int, card: SwitchCard | None) -> str:
    name, serial = (card.name, f"AB1000000{slot}") if card else ("0", "0")
    return f'"Agilent Technologies,{name},{serial},1.00"'


def _agilent(_slot: int, card: SwitchCard | None) -> str:
    return f"Agilent Technologies,{card.name},0,2.3" if card else "Agilent Technologies,0,0,0"


def _keysight(slot: int, card: SwitchCard | None) -> str:
    return f"Keysight Technologies,{card.name},MY5802226{slot},01.02" if card else "Keysight Technologies,0,0,0"


WORDS = {
    "keysight_34980a": Words("Agilent Technologies,34980A,MY53151561,2.51-2.43-2.07-1.05", _quoted),
    "keysight_34972a": Words("Agilent Technologies,34972A,MY49018071,1.16-1.12-02-02", _agilent, first=100),
    "keysight_daq970a": Words("Keysight Technologies,DAQ970A,MY58012345,A.02.04-00.16-11.29-00.02-02-01", _keysight),
}


def build(model: str, relays: Relays, meter: Meter, cycles: Cycles, calendar: Calendar) -> ScpiInstrument:
    """The unit at the moment when its power comes."""
    words = WORDS[model]
    switching = model == "keysight_34980a"
    scanned: list[int] = []
    switch = Switch(model, relays, cycles, scanned)
    switch.open_slot(None)
    scanner = Scanner(
        meter,
        scanned,
        switch.count,
        lambda: calendar.now_ps / PS_PER_S,
        lists=not switching,
        stores=model != "keysight_34972a",
    )
    own = channels_of(tuple(channels(model)), hundred(model))

    def card(word: int) -> str:
        slot = word // words.first
        if word % words.first or not 1 <= slot <= len(SLOTS[model]):
            raise ScpiError(scpi.OUT_OF_RANGE)
        return words.card(slot, SLOTS[model][slot - 1])

    def slot_or_all(text: str) -> int | None:
        if text.upper() == "ALL":
            return None
        return int(between(1, len(SLOTS[model]), names=False)(text))

    def reset() -> None:
        scanner.defaults()
        switch.open_slot(None)

    commands = [
        Command("ROUTe:CLOSe", switch.closed, switch.close, (own,), asks=(own,)),
        Command("ROUTe:CLOSe:EXCLusive", None, switch.close_alone, (own,)),
        Command("ROUTe:OPEN", switch.opened, switch.open, (own,), asks=(own,)),
        Command("ROUTe:DONE", lambda: "1"),
        Command("SYSTem:CTYPe", card, asks=(integer,)),
        Command("SYSTem:CPON", None, switch.open_slot, (slot_or_all,)),
        Command("DIAGnostic:RELay:CYCLes", switch.counts, asks=(own,)),
        Command("DIAGnostic:RELay:CYCLes:CLEar", None, switch.forget, (own,)),
        *_scan(model, scanner),
    ]
    if switching:
        commands.append(Command("ROUTe:OPEN:ALL", None, switch.open_slot, (Omissible(slot_or_all, lambda: None),)))
    dialect = Dialect(queue=20, signed=True, texts=TEXTS)
    return ScpiInstrument(words.identity, commands, reset=reset, dialect=dialect)


def _scan(model: str, scanner: Scanner) -> list[Command]:
    known, measured = tuple(channels(model)), inputs(model)
    listed = able(channels_of(known, hundred(model)), measured)
    scan_list = able(channels_of(known, hundred(model), empty=True), measured)
    full = Omissible(_range, lambda: None)
    resolution = Omissible(between(0.0, RANGES[-1], "V", default=0.0), lambda: None)

    def set_sweeps(count: float) -> None:
        scanner.sweeps = round(count)

    def shown(word: str) -> Command:
        def show(on: bool) -> None:
            scanner.shown[word] = on

        return Command(f"FORMat:READing:{FIELDS[word]}", lambda: flags([scanner.shown[word]]), show, (boolean,))

    return [
        *(shown(word) for word in FIELDS),
        Command("ROUTe:SCAN", lambda: block(scanner.scanned), scanner.set_scan, (scan_list,)),
        Command("ROUTe:SCAN:SIZE", lambda: f"{len(scanner.scanned):+d}"),
        Command("CONFigure[:VOLTage][:DC]", None, scanner.configure, (full, resolution, listed)),
        Command("MEASure[:VOLTage][:DC]", scanner.measure, asks=(full, resolution, listed)),
        Command(
            "[:SENSe]:VOLTage[:DC]:RANGe[:UPPer]",
            lambda wanted: exponents(scanner.range_of(channel) for channel in wanted),
            scanner.set_range,
            (_range, listed),
            asks=(listed,),
        ),
        Command(
            "[:SENSe]:VOLTage[:DC]:RANGe:AUTO",
            lambda wanted: flags(scanner.automatic(channel) for channel in wanted),
            scanner.set_automatic,
            (boolean, listed),
            asks=(listed,),
        ),
        Command(
            "TRIGger:SOURce",
            lambda: "IMM",
            lambda _word: None,
            (supported("IMMediate", refused=("BUS", "EXTernal", "TIMer")),),
        ),
        Command(
            "TRIGger:COUNt",
            lambda: f"{scanner.sweeps:+.8E}",
            set_sweeps,
            (between(1, MOST_SWEEPS),),
        ),
        Command("INITiate", None, scanner.initiate),
        Command("ABORt", None, lambda: None),
        Command("READ", scanner.read, asks=(Omissible(listed, lambda: None),) if model == "keysight_34980a" else ()),
        Command("FETCh", scanner.fetch),
        Command("DATA:POINts", lambda: f"{len(scanner.memory):+d}"),
        Command("DATA:REMove", scanner.remove, asks=(integer,)),
        Command("R", scanner.remove_block, asks=(Omissible(integer, lambda: 0),)),
        Command("INSTrument:DMM[:STATe]", lambda: "1", lambda _on: None, (boolean,)),
    ]


def _range(text: str) -> float | None:
    """The smallest range that holds it; None: automatic."""
    if text.upper() in ("AUTO", "DEF", "DEFAULT"):
        return None
    volts = between(0.0, RANGES[-1], "V")(text)
    return next(each for each in RANGES if each >= volts)
