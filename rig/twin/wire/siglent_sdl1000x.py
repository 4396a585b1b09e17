"""Siglent SDL1030X electronic load, 150 V, 30 A, 300 W, SCPI on its LAN port.

Written from the SDL1000X programming guide (sections 2.2 to 2.4 for the grammar, chapter 3 for the commands): [:SOURce]
is optional everywhere, values are bare numbers, states are ON, OFF, 0 or 1 and come back as 0 or 1, "the command is
invalid if the parameter value [is] beyond the scope". POWer and LED are modes of the load that this twin's physics does
not have; choosing one is a settings conflict. The guide does not say what a short does to the level: here it is the
lowest resistance, and its end brings the mode in use back; the input keeps its state in both.
CURRent:PROTection is from the guide (page 48); POWer:PROTection by analogy, and CURRent:SLEW (A/us), VOLTage:ON and
VOLTage:LATCh are [K]: from general knowledge of the series, to be checked against the guide. What a start voltage or a
protection that is changed while the input is on does, the guide does not say.
"""

from collections.abc import Callable

from rig.twin.wire import scpi
from rig.twin.wire.roles import Load, LoadAlarm, Mode
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, boolean, choice
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

CURRENT_RANGES = (5.0, 30.0)  # A
VOLTAGE_RANGES = (36.0, 150.0)  # V
LOWEST_OHMS, HIGHEST_OHMS = 0.03, 10e3
SLOWEST, FASTEST, SLEW = 0.001, 2.5, 0.5  # A/us
MOST_WATTS = 300.0
LONGEST_DELAY = 60.0  # s
PROTECTED: dict[LoadAlarm, tuple[str, float]] = {"OCP": ("CURRent", CURRENT_RANGES[-1]), "OPP": ("POWer", MOST_WATTS)}
FUNCTIONS = choice("CURRent", "VOLTage", "POWer", "RESistance", "LED")


class _Front:
    """Mode, levels and ranges as the front panel shows them."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.defaults()

    def defaults(self) -> None:
        """As after *RST."""
        self.ranges = _widest()
        self.function: Mode = "CURR"
        self.levels: dict[Mode, float] = {"CURR": 0.0, "RES": HIGHEST_OHMS, "VOLT": VOLTAGE_RANGES[-1]}
        self.short = False
        self.slew = {"POSitive": SLEW, "NEGative": SLEW}
        self.von, self.latch = 0.0, False
        self.protected: dict[LoadAlarm, bool] = dict.fromkeys(PROTECTED, False)
        self.limits: dict[LoadAlarm, list[float]] = {alarm: [top, 0.0] for alarm, (_, top) in PROTECTED.items()}

    def apply(self) -> None:
        if self.short:
            self.load.set_level("RES", LOWEST_OHMS)
        else:
            self.load.set_level(self.function, self.levels[self.function])

    def choose(self, function: str) -> None:
        if function == "CURR":
            self.function = "CURR"
        elif function == "RES":
            self.function = "RES"
        elif function == "VOLT":
            self.function = "VOLT"
        else:
            raise ScpiError(scpi.SETTINGS_CONFLICT)
        self.apply()

    def set_level(self, mode: Mode) -> Callable[[float], None]:
        def setter(value: float) -> None:
            self.levels[mode] = value
            if mode == self.function:
                self.apply()

        return setter

    def set_range(self, key: str, ranges: tuple[float, ...]) -> Callable[[float], None]:
        """Any number up to the highest range; the lowest range that holds it is chosen.

        A current range below the current level is a conflict here, where the guide says nothing.
        """

        def setter(value: float) -> None:
            chosen = next(r for r in ranges if value <= r)
            if (key == "CURRent:IRANGe" and self.levels["CURR"] > chosen) or (
                key == "VOLTage:VRANGe" and self.function == "VOLT" and self.levels["VOLT"] > chosen
            ):
                raise ScpiError(scpi.SETTINGS_CONFLICT)
            self.ranges[key] = chosen

        return setter

    def set_short(self, on: bool) -> None:
        self.short = on
        self.apply()

    def set_slew(self, *directions: str) -> Callable[[float], None]:
        def setter(amps_per_us: float) -> None:
            self.slew.update(dict.fromkeys(directions, amps_per_us))
            self.load.set_slew(self.slew["POSitive"] * 1e6, self.slew["NEGative"] * 1e6)

        return setter

    def set_von(self, volts: float) -> None:
        self.von = volts
        self.load.set_von(self.von, latch=self.latch)

    def set_latch(self, on: bool) -> None:
        self.latch = on
        self.load.set_von(self.von, latch=self.latch)

    def protect(self, alarm: LoadAlarm) -> Callable[[bool], None]:
        def setter(on: bool) -> None:
            self.protected[alarm] = on
            self.apply_protection(alarm)

        return setter

    def set_limit(self, alarm: LoadAlarm, index: int) -> Callable[[float], None]:
        def setter(value: float) -> None:
            self.limits[alarm][index] = value
            self.apply_protection(alarm)

        return setter

    def apply_protection(self, alarm: LoadAlarm) -> None:
        level, delay = self.limits[alarm]
        self.load.set_protection(alarm, (level, delay) if self.protected[alarm] else None)

    def reset(self) -> None:
        self.load.set_input(False)
        self.defaults()
        self.apply()
        self.set_slew()(SLEW)
        self.set_von(self.von)
        for alarm in PROTECTED:
            self.apply_protection(alarm)


def _widest() -> dict[str, float]:
    """The widest range of each mode, as after *RST."""
    words = ("CURRent", "VOLTage", "POWer", "RESistance")
    tops = (("IRANGe", CURRENT_RANGES[-1]), ("VRANGe", VOLTAGE_RANGES[-1]))
    return {f"{word}:{node}": top for word in words for node, top in tops}


def _three(value: float) -> str:
    return f"{value:.3f}"


def _six(value: float) -> str:
    return f"{value:.6f}"


def build(load: Load, serial: str = "SDL13GCQ6R0001") -> ScpiInstrument:
    """The instrument in front of `load`."""
    front = _Front(load)

    def level(word: str, mode: Mode, low: float, high: Callable[[], float], default: float) -> Command:
        argument = Number(lambda: low, high, default=lambda: default)
        header = f"[:SOURce]:{word}[:LEVel][:IMMediate]"
        return Command(header, lambda: _three(front.levels[mode]), front.set_level(mode), (argument,), _three)

    def ranges(key: str, steps: tuple[float, ...]) -> Command:
        argument = Number(lambda: 0.0, lambda: steps[-1], default=lambda: steps[-1])
        return Command(
            f"[:SOURce]:{key}", lambda: f"{front.ranges[key]:g}", front.set_range(key, steps), (argument,), _three
        )

    def absent(word: str) -> Command:
        def conflict(_: float) -> None:
            raise ScpiError(scpi.SETTINGS_CONFLICT)

        argument = Number(lambda: 0.0, lambda: 300.0)
        return Command(f"[:SOURce]:{word}[:LEVel][:IMMediate]", None, conflict, (argument,))

    def number(header: str, get: Callable[[], float], act: Callable[[float], None], low: float, top: float) -> Command:
        argument = Number(lambda: low, lambda: top, default=lambda: low)
        return Command(f"[:SOURce]:{header}", lambda: _three(get()), act, (argument,), _three)

    def switch(header: str, get: Callable[[], bool], act: Callable[[bool], None]) -> Command:
        return Command(f"[:SOURce]:{header}", lambda: str(int(get())), act, (boolean,))

    def slew(node: str, shown: str, *directions: str) -> Command:
        act = front.set_slew(*directions)
        return number(f"CURRent:SLEW{node}", lambda: front.slew[shown], act, SLOWEST, FASTEST)

    def protection(alarm: LoadAlarm, word: str, top: float) -> list[Command]:
        head = f"{word}:PROTection"
        return [
            switch(f"{head}:STATe", lambda: front.protected[alarm], front.protect(alarm)),
            number(f"{head}:LEVel", lambda: front.limits[alarm][0], front.set_limit(alarm, 0), 0.0, top),
            number(f"{head}:DELay", lambda: front.limits[alarm][1], front.set_limit(alarm, 1), 0.0, LONGEST_DELAY),
        ]

    def measured(index: int) -> Callable[[], str]:
        return lambda: _six(load.measure()[index])

    def power() -> str:
        v, i = load.measure()
        return _six(v * i)

    commands = [
        Command("[:SOURce]:FUNCtion", lambda: front.function, front.choose, (FUNCTIONS,)),
        level("CURRent", "CURR", 0.0, lambda: front.ranges["CURRent:IRANGe"], 0.0),
        level("RESistance", "RES", LOWEST_OHMS, lambda: HIGHEST_OHMS, HIGHEST_OHMS),
        level("VOLTage", "VOLT", 0.0, lambda: front.ranges["VOLTage:VRANGe"], VOLTAGE_RANGES[-1]),
        absent("POWer"),
        slew("[:BOTH]", "POSitive", "POSitive", "NEGative"),
        slew(":POSitive", "POSitive", "POSitive"),
        slew(":NEGative", "NEGative", "NEGative"),
        number("VOLTage[:LEVel]:ON", lambda: front.von, front.set_von, 0.0, VOLTAGE_RANGES[-1]),
        switch("VOLTage:LATCh[:STATe]", lambda: front.latch, front.set_latch),
        *(row for alarm, (word, top) in PROTECTED.items() for row in protection(alarm, word, top)),
        *(ranges(key, CURRENT_RANGES if key.endswith("IRANGe") else VOLTAGE_RANGES) for key in _widest()),
        Command("[:SOURce]:INPut[:STATe]", lambda: str(int(load.input_on)), load.set_input, (boolean,)),
        Command("[:SOURce]:SHORt[:STATe]", lambda: str(int(front.short)), front.set_short, (boolean,)),
        Command("MEASure[:SCALar]:VOLTage[:DC]", measured(0)),
        Command("MEASure[:SCALar]:CURRent[:DC]", measured(1)),
        Command("MEASure[:SCALar]:POWer[:DC]", power),
    ]
    identity = f"Siglent Technologies,SDL1030X,{serial},1.1.1.21R2"
    return ScpiInstrument(identity, commands, reset=front.reset, dialect=Dialect(queue=20))
