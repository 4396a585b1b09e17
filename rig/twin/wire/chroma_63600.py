"""Chroma 63600-2 mainframe with one 63610-80-20 module: two electronic loads, channel 1 on the bench, channel 2 open.

Written from the "63600 Series Operation & Programming Manual" (pages 5-18, 5-70, 5-86 and table 6-1), the manual of the
older 6310 series with the same words (pages 7-7 to 7-19) and the replies of a 63600-5 in a public driver's tests.
`CHANnel n` selects the channel that everything after it acts on; one that does not exist leaves the old one. The range
is part of the mode's word, and each range keeps its own level. LOAD? and LOAD:SHORt? answer ON or OFF. A trip stays in
the status, and LOAD ON is ignored, until LOAD:PROTection:CLEar. Errors have numbers of their own, as measured on a
63004, where a value that the range does not hold is 2,"Data Range Error" and the old one stays.
[K]: the texts of the other errors, the number of digits of levels, *IDN?, what changes with *RST.
"""

from collections.abc import Callable
from functools import partial

from rig.twin.bench.load_class import LoadClass
from rig.twin.wire import scpi
from rig.twin.wire.load_front import LoadFront
from rig.twin.wire.roles import Load, LoadAlarm, Mode
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, between, boolean, choice
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

PER_US = 1e6
SLEW_SPAN = 500.0  # fastest over slowest of a range
MODES: dict[str, tuple[Mode, float, float]] = {
    "CCL": ("CURR", 0.0, 0.2),
    "CCM": ("CURR", 0.0, 2.0),
    "CCH": ("CURR", 0.0, 20.0),
    "CRL": ("RES", 0.04, 80.0),
    "CRM": ("RES", 1.45, 2900.0),
    "CRH": ("RES", 6.0, 12e3),
    "CVL": ("VOLT", 0.0, 6.0),
    "CVM": ("VOLT", 0.0, 16.0),
    "CVH": ("VOLT", 0.0, 80.0),
    "CPL": ("POW", 0.0, 2.0),
    "CPM": ("POW", 0.0, 10.0),
    "CPH": ("POW", 0.0, 100.0),
}
"""The static modes: what they hold, and the lowest and highest level of their range."""
OTHER_MODES = ("CZ", "CCDL", "CCDM", "CCDH", "CCFSL", "CCFSM", "CCFSH", "TIML", "TIMM", "TIMH", "SWDL", "SWDM", "SWDH")
SLEW_PART = {"L": 0.01, "M": 0.1, "H": 1.0}  # of the module's fastest, by the range
TRIP_BITS: dict[LoadAlarm, int] = {"OCP": 1 << 2, "OPP": 1 << 3}
DIALECT = Dialect(
    codes={-222: 2, -104: 1, -108: 1, -109: 1, -131: 1, -138: 1, -113: 3, -102: 3, -200: 4, -221: 4, -224: 4},
    texts={
        0: "No Error",
        1: "Data Format Error",
        2: "Data Range Error",
        3: "Command Error",
        4: "Execution Error",
    },
)


class OpenChannel:
    """A load with nothing at its terminals."""

    def __init__(self, rating: LoadClass) -> None:
        self.rating, self.input_on = rating, False

    def alarm(self) -> None:
        return None

    def set_level(self, mode: Mode, value: float) -> None: ...

    def set_input(self, on: bool) -> None:
        self.input_on = on

    def set_slew(self, rise: float, fall: float) -> None: ...

    def set_von(self, volts: float, *, latch: bool) -> None: ...

    def set_sense(self, on: bool) -> None: ...

    def set_protection(self, alarm: LoadAlarm, limit: tuple[float, float] | None) -> None: ...

    def measure(self) -> tuple[float, float]:
        return 0.0, 0.0

    def power_off(self) -> None:
        self.input_on = False


class _Channel:
    """One load of a module: the word of its mode, and what each range keeps."""

    def __init__(self, load: Load) -> None:
        self.load, self.front = load, LoadFront(load, latching=True)
        self.defaults()

    def defaults(self) -> None:
        self.word, self.active = "CCL", True
        self.levels = {word: [high if mode == "RES" else 0.0] * 2 for word, (mode, _, high) in MODES.items()}
        self.slews = {part: [self.load.rating.slew * share] * 2 for part, share in SLEW_PART.items()}
        self.limit = self.load.rating.amps

    def reset(self) -> None:
        self.defaults()
        self.front.reset()
        self.choose(self.word)

    def choose(self, word: str) -> None:
        if word not in MODES:
            raise ScpiError(scpi.SETTINGS_CONFLICT)
        self.word = word
        mode = MODES[word][0]
        self.front.levels[mode] = self.levels[word][0]
        self.front.choose(mode)
        self.front.rise, self.front.fall = self.slews[word[-1]]
        self.front.apply_slew()

    def of(self, mode: Mode) -> str:
        """The word whose level a command of this mode means: the one in use, else that of the highest range."""
        if MODES[self.word][0] == mode:
            return self.word
        return next(word for word, (what, _, _) in MODES.items() if what == mode and word.endswith("H"))

    def span(self, mode: Mode) -> tuple[float, float]:
        _, low, high = MODES[self.of(mode)]
        return low, high

    def level(self, mode: Mode, number: int) -> float:
        """L1, which is drawn, or L2."""
        return self.levels[self.of(mode)][_index(number)]

    def set_level(self, number: int, value: float, *, mode: Mode) -> None:
        word = self.of(mode)
        self.levels[word][_index(number)] = value
        if number == 1 and word == self.word:
            self.front.set_level(mode, value)

    @property
    def fastest(self) -> float:
        return self.load.rating.fastest * SLEW_PART[self.word[-1]]

    def set_edge(self, index: int, slew: float) -> None:
        self.slews[self.word[-1]][index] = slew
        self.front.rise, self.front.fall = self.slews[self.word[-1]]
        self.front.apply_slew()

    def set_active(self, on: bool) -> None:
        self.active = on

    def set_limit(self, amps: float) -> None:
        self.limit = amps

    def status(self) -> int:
        alarm = self.front.alarm
        return 0 if alarm is None else TRIP_BITS[alarm]


class _Mainframe:
    """Its channels, the one selected, and what belongs to all."""

    def __init__(self, load: Load) -> None:
        self.channels = {1: _Channel(load), 2: _Channel(OpenChannel(load.rating))}
        self.selected = 1
        self.remote = False

    @property
    def now(self) -> _Channel:
        return self.channels[self.selected]

    def select(self, channel: float) -> None:
        if round(channel) in self.channels:
            self.selected = round(channel)

    def set_remote(self, on: bool) -> None:
        self.remote = on

    def reset(self) -> None:
        for channel in self.channels.values():
            channel.reset()
        self.selected = 1


def _index(number: int) -> int:
    if number not in (1, 2):
        raise ScpiError(scpi.UNDEFINED_HEADER)
    return number - 1


def _word(on: bool) -> str:
    return "ON" if on else "OFF"


def _digits(places: int) -> Callable[[float], str]:
    return lambda value: f"{value:.{places}f}"


def build(load: Load, serial: str = "636102000123") -> ScpiInstrument:
    """The instrument with `load` in channel 1."""
    frame = _Mainframe(load)

    def channel(act: Callable[..., None]) -> Callable[..., None]:
        return lambda *values: act(frame.now, *values)

    def front(act: Callable[..., None]) -> Callable[..., None]:
        return lambda *values: act(frame.now.front, *values)

    def levels(word: str, mode: Mode, unit: str, form: Callable[[float], str]) -> Command:
        def get(number: int) -> str:
            return form(frame.now.level(mode, number))

        argument = Number(lambda: frame.now.span(mode)[0], lambda: frame.now.span(mode)[1], unit)
        return Command(f"{word}:STATic:L<n>", get, channel(partial(_Channel.set_level, mode=mode)), (argument,), form)

    def edge(word: str, index: int) -> Command:
        argument = Number(lambda: frame.now.fastest / SLEW_SPAN / PER_US, lambda: frame.now.fastest / PER_US)
        form = _digits(5)
        return Command(
            f"CURRent:STATic:{word}",
            lambda: form(frame.now.slews[frame.now.word[-1]][index] / PER_US),
            lambda value: frame.now.set_edge(index, value * PER_US),
            (argument,),
            form,
        )

    def switch(header: str, get: Callable[[], bool], act: Callable[[bool], None]) -> Command:
        return Command(header, lambda: _word(get()), act, (boolean,))

    def value(index: int, channel: _Channel) -> str:
        volts, amps = channel.load.measure()
        return f"{(volts, amps, volts * amps)[index]:.7f}"

    def identity() -> str:
        return f"CHROMA,63610-80-20{'LR'[frame.selected - 1]},{serial},1.92,1.92"

    quantities = ("VOLTage", "CURRent", "POWer")
    commands = [
        Command(
            "CHANnel[:LOAD]",
            lambda: str(frame.selected),
            frame.select,
            (Number(lambda: 0.0, lambda: 10.0),),
        ),
        Command("CHANnel:ID", identity),
        switch("CHANnel:ACTive", lambda: frame.now.active, channel(_Channel.set_active)),
        Command("MODE", lambda: frame.now.word, channel(_Channel.choose), (choice(*MODES, *OTHER_MODES),)),
        levels("CURRent", "CURR", "A", _digits(5)),
        levels("RESistance", "RES", "OHM", _digits(2)),
        levels("VOLTage", "VOLT", "V", _digits(4)),
        levels("POWer", "POW", "W", _digits(4)),
        edge("RISE", 0),
        edge("FALL", 1),
        Command(
            "VOLTage:STATic:ILIMit",
            lambda: _digits(4)(frame.now.limit),
            channel(_Channel.set_limit),
            (between(0.0, load.rating.amps, "A"),),
        ),
        Command(
            "CONFigure:VOLTage:ON",
            lambda: _digits(4)(frame.now.front.von),
            front(LoadFront.set_von),
            (between(0.0, load.rating.volts, "V"),),
        ),
        switch(
            "CONFigure:VOLTage:LATCh",
            lambda: frame.now.front.von_latch,
            front(LoadFront.set_von_latch),
        ),
        switch("CONFigure:REMote", lambda: frame.remote, frame.set_remote),
        switch("LOAD[:STATe]", lambda: frame.now.load.input_on, front(LoadFront.set_input)),
        switch("LOAD:SHORt[:STATe]", lambda: frame.now.front.short, front(LoadFront.set_short)),
        Command("LOAD:PROTection", lambda: str(frame.now.status())),
        Command("LOAD:PROTection:CLEar", set=front(LoadFront.clear)),
        Command("STATus:CHANnel:CONDition", lambda: str(frame.now.status())),
        Command("FETCh:STATus", lambda: str(frame.now.status())),
        *(
            Command(f"{verb}:{word}", lambda index=index: value(index, frame.now))
            for verb in ("MEASure", "FETCh")
            for index, word in enumerate(quantities)
        ),
        *(
            Command(
                f"MEASure:ALL{word.capitalize()}",
                lambda index=index: ",".join(value(index, channel) for channel in frame.channels.values()),
            )
            for index, word in enumerate(quantities)
        ),
        Command("SYSTem:REMote", set=lambda: frame.set_remote(True)),
        Command("SYSTem:LOCal", set=lambda: frame.set_remote(False)),
    ]
    return ScpiInstrument(f"CHROMA,63600-2,{serial},1.92", commands, reset=frame.reset, dialect=DIALECT)
