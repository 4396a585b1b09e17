"""Siglent SDL1030X electronic load, 150 V, 30 A, 300 W, SCPI on its LAN port.

Written from the SDL1000X programming guide (sections 2.2 to 2.4 for the grammar, chapter 3 for the commands): [:SOURce]
is optional everywhere, values are bare numbers, states are ON, OFF, 0 or 1 and come back as 0 or 1, "the command is
invalid if the parameter value [is] beyond the scope". FUNCtion? answers the long form, as a public driver expects it.
LED is a mode of the load that this twin's physics does not have; choosing it is a settings conflict. The guide does not
say what a short does to the level: here it is the lowest resistance, and its end brings the mode in use back; the input
keeps its state in both.
CURRent:SLEW is in A/us, up to 0.5 in the 5 A range and up to 2.5 in the 30 A range, both slopes on the same side of a
step (0.01 and 0.1), as a public controller of the series has it: here one that is left on the other side comes along.
SYSTem:REMote[:STATe] and FUNCtion:MODE? are not in the guide, but that controller uses them. RESistance:RRANGe is kept
and does nothing. What a start voltage or a protection that is changed while the input is on
does, the guide does not say.
"""

from collections.abc import Callable

from rig.twin.wire import scpi
from rig.twin.wire.load_front import LoadFront
from rig.twin.wire.roles import Load, LoadAlarm, Mode
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, boolean, choice
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

CURRENT_RANGES = (5.0, 30.0)  # A
VOLTAGE_RANGES = (36.0, 150.0)  # V
SLEWS = {5.0: (0.01, 0.5), 30.0: (0.1, 2.5)}  # A/us: the step and the fastest, by the range of current
SLOWEST = 0.001  # A/us
PER_US = 1e6
LONGEST_DELAY = 60.0  # s
PROTECTED: dict[LoadAlarm, str] = {"OCP": "CURRent", "OPP": "POWer"}
FUNCTIONS = choice("CURRent", "VOLTage", "POWer", "RESistance", "LED")
WORDS: dict[str, tuple[Mode, str]] = {
    "CURR": ("CURR", "CURRENT"),
    "VOLT": ("VOLT", "VOLTAGE"),
    "POW": ("POW", "POWER"),
    "RES": ("RES", "RESISTANCE"),
}


class _Firmware:
    """Ranges and protections as the front panel shows them."""

    def __init__(self, load: Load) -> None:
        self.load, self.front = load, LoadFront(load, latching=False)
        self._own_defaults()

    def _own_defaults(self) -> None:
        tops = {"OCP": self.load.rating.amps, "OPP": self.load.rating.watts}
        self.ranges = _widest()
        self.ohms_range = "UPPER"
        self.sense = self.remote = False
        self.protected: dict[LoadAlarm, bool] = dict.fromkeys(PROTECTED, False)
        self.limits: dict[LoadAlarm, list[float]] = {alarm: [tops[alarm], 0.0] for alarm in PROTECTED}

    def choose(self, function: str) -> None:
        if function not in WORDS:
            raise ScpiError(scpi.SETTINGS_CONFLICT)
        self.front.choose(WORDS[function][0])

    def set_range(self, key: str, ranges: tuple[float, ...]) -> Callable[[float], None]:
        """Any number up to the highest range; the lowest range that holds it is chosen.

        A current range below the current level is a conflict here, where the guide says nothing.
        """

        def setter(value: float) -> None:
            chosen = next(r for r in ranges if value <= r)
            levels = self.front.levels
            if (key == "CURRent:IRANGe" and levels["CURR"] > chosen) or (
                key == "VOLTage:VRANGe" and self.front.mode == "VOLT" and levels["VOLT"] > chosen
            ):
                raise ScpiError(scpi.SETTINGS_CONFLICT)
            self.ranges[key] = chosen
            if key == "CURRent:IRANGe" and max(self.front.rise, self.front.fall) > self.fastest * PER_US:
                self.set_slew("rise", "fall")(self.fastest)

        return setter

    @property
    def fastest(self) -> float:
        return SLEWS[self.ranges["CURRent:IRANGe"]][1]

    def set_slew(self, *edges: str) -> Callable[[float], None]:
        def setter(amps_per_us: float) -> None:
            step = SLEWS[self.ranges["CURRent:IRANGe"]][0] * PER_US
            slew = amps_per_us * PER_US
            for edge in ("rise", "fall"):
                if edge in edges or (getattr(self.front, edge) < step) is not (slew < step):
                    setattr(self.front, edge, slew)
            self.front.apply_slew()

        return setter

    def set_ohms_range(self, word: str) -> None:
        self.ohms_range = word

    def set_remote(self, on: bool) -> None:
        self.remote = on

    def set_sense(self, on: bool) -> None:
        self.sense = on
        self.load.set_sense(on)

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
        self._own_defaults()
        self.load.set_sense(on=False)
        self.front.reset()
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
    firmware = _Firmware(load)
    front, rating = firmware.front, load.rating

    def level(word: str, mode: Mode, low: float, high: Callable[[], float], default: float) -> Command:
        argument = Number(lambda: low, high, default=lambda: default)
        header = f"[:SOURce]:{word}[:LEVel][:IMMediate]"
        return Command(
            header,
            lambda: _three(front.levels[mode]),
            lambda value: front.set_level(mode, value),
            (argument,),
            _three,
        )

    def ranges(key: str, steps: tuple[float, ...]) -> Command:
        argument = Number(lambda: 0.0, lambda: steps[-1], default=lambda: steps[-1])
        return Command(
            f"[:SOURce]:{key}", lambda: f"{firmware.ranges[key]:g}", firmware.set_range(key, steps), (argument,), _three
        )

    def number(
        header: str, get: Callable[[], float], act: Callable[[float], None], low: float, top: Callable[[], float]
    ) -> Command:
        argument = Number(lambda: low, top, default=lambda: low)
        return Command(f"[:SOURce]:{header}", lambda: _three(get()), act, (argument,), _three)

    def switch(header: str, get: Callable[[], bool], act: Callable[[bool], None]) -> Command:
        return Command(header, lambda: str(int(get())), act, (boolean,))

    def slew(node: str, shown: str, *edges: str) -> Command:
        act = firmware.set_slew(*edges)
        return number(
            f"CURRent:SLEW{node}", lambda: getattr(front, shown) / PER_US, act, SLOWEST, lambda: firmware.fastest
        )

    def protection(alarm: LoadAlarm, word: str) -> list[Command]:
        head = f"{word}:PROTection"
        top = rating.amps if alarm == "OCP" else rating.watts
        return [
            switch(f"[:SOURce]:{head}:STATe", lambda: firmware.protected[alarm], firmware.protect(alarm)),
            number(f"{head}:LEVel", lambda: firmware.limits[alarm][0], firmware.set_limit(alarm, 0), 0.0, lambda: top),
            number(
                f"{head}:DELay",
                lambda: firmware.limits[alarm][1],
                firmware.set_limit(alarm, 1),
                0.0,
                lambda: LONGEST_DELAY,
            ),
        ]

    def measured(index: int) -> Callable[[], str]:
        return lambda: _six(load.measure()[index])

    def power() -> str:
        v, i = load.measure()
        return _six(v * i)

    def resistance() -> str:
        v, i = load.measure()
        return _six(v / i if i > 0.0 else rating.max_ohms)

    ohms_ranges = choice("LOW", "MIDDLE", "HIGH", "UPPER")
    commands = [
        Command("[:SOURce]:FUNCtion", lambda: WORDS[front.mode][1], firmware.choose, (FUNCTIONS,)),
        level("CURRent", "CURR", 0.0, lambda: firmware.ranges["CURRent:IRANGe"], 0.0),
        level("RESistance", "RES", rating.min_ohms, lambda: rating.max_ohms, rating.max_ohms),
        level("VOLTage", "VOLT", 0.0, lambda: firmware.ranges["VOLTage:VRANGe"], rating.volts),
        level("POWer", "POW", 0.0, lambda: rating.watts, 0.0),
        slew("[:BOTH]", "rise", "rise", "fall"),
        slew(":POSitive", "rise", "rise"),
        slew(":NEGative", "fall", "fall"),
        number("VOLTage[:LEVel]:ON", lambda: front.von, front.set_von, 0.0, lambda: rating.volts),
        switch("[:SOURce]:VOLTage:LATCh[:STATe]", lambda: front.von_latch, front.set_von_latch),
        *(row for alarm, word in PROTECTED.items() for row in protection(alarm, word)),
        *(ranges(key, CURRENT_RANGES if key.endswith("IRANGe") else VOLTAGE_RANGES) for key in _widest()),
        Command("[:SOURce]:RESistance:RRANGe", lambda: firmware.ohms_range, firmware.set_ohms_range, (ohms_ranges,)),
        switch("[:SOURce]:INPut[:STATe]", lambda: load.input_on, front.set_input),
        switch("[:SOURce]:SHORt[:STATe]", lambda: front.short, front.set_short),
        Command("[:SOURce]:FUNCtion:MODE", lambda: "BASIC"),
        switch("SYSTem:REMote[:STATe]", lambda: firmware.remote, firmware.set_remote),
        switch("SYSTem:SENSe[:STATe]", lambda: firmware.sense, firmware.set_sense),
        Command("MEASure[:SCALar]:VOLTage[:DC]", measured(0)),
        Command("MEASure[:SCALar]:CURRent[:DC]", measured(1)),
        Command("MEASure[:SCALar]:POWer[:DC]", power),
        Command("MEASure[:SCALar]:RESistance[:DC]", resistance),
    ]
    identity = f"Siglent Technologies,SDL1030X,{serial},1.1.1.21R2"
    return ScpiInstrument(identity, commands, reset=firmware.reset, dialect=Dialect(queue=20))
