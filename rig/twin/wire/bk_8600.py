"""B&K 8600 and 8500B electronic loads, the latter also sold as ITECH IT8500+: one design, SCPI.

Written from the "8600 Series Programming Manual" (B&K; pages 5, 22 and 47), the "IT8512A+ Programming Guide" (ITECH;
page 13) and what is quoted of the IT8800 guide, with what was measured on an IT8813. Quirks: settings are refused
(-200) until SYSTem:REMote; CURRent:RANGe sets level and slopes that the new range does not hold to its maximum;
CURRent:SLEW? answers 0 whatever is set, and a slope out of range is dropped without an error; errors of the parser
have numbers of their own (110 to 170); a tripped input stays off, INPut ON being ignored, until PROTection:CLEar. An
8600 sets bits 13 and 14 of the questionable status with the one of the trip, and has no MEASure:POWer?; an IT8500+
opens its input when another mode is chosen.
A short that is set while the input is off counts once it is on, in the order in which a public driver sets them.
[K]: the lower limits of slope in the low range, that levels out of range are -222.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rig.twin.wire import scpi
from rig.twin.wire.load_front import LoadFront
from rig.twin.wire.roles import Load, LoadAlarm, Mode
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, between, boolean, choice, integer
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

LOW_RANGE = 0.1  # of the current and of its slopes
PER_US = 1e6
LONGEST_DELAY = 60.0  # s
FUNCTIONS = choice("CURRent", "RESistance", "VOLTage", "POWer")
WORDS: dict[str, tuple[Mode, str]] = {
    "CURR": ("CURR", "CURRENT"),
    "RES": ("RES", "RESISTANCE"),
    "VOLT": ("VOLT", "VOLTAGE"),
    "POW": ("POW", "POWER"),
}
DIALECT = Dialect(
    codes={-113: 170, -131: 130, -138: 130, -104: 140, -224: 140, -108: 150, -109: 150},
    texts={
        130: "Wrong units for parameter",
        140: "Wrong type of parameter(s)",
        150: "Wrong number of parameters",
        170: "Command keywords were not recognized",
    },
)


@dataclass(frozen=True, slots=True)
class Variant:
    """Where the two part."""

    identity: str
    edges: tuple[str, str]
    trip_bits: dict[LoadAlarm, int]
    mode_change_opens: bool
    measures_power: bool


BK_8600 = Variant(
    "B&K Precision, 8600, 802197036737120008, 1.37-1.42",
    ("POSitive", "NEGative"),
    {"OCP": 1 << 1 | 1 << 13 | 1 << 14, "OPP": 1 << 3 | 1 << 13 | 1 << 14},
    mode_change_opens=False,
    measures_power=False,
)
ITECH_IT8500 = Variant(
    "B&K Precision, 8500B, 803328011797140029, 1.57",
    ("RISE", "FALL"),
    {"OCP": 1 << 1, "OPP": 1 << 3},
    mode_change_opens=True,
    measures_power=True,
)


class _Firmware:
    """Remote control, the range of the current, the protection that can be set."""

    def __init__(self, load: Load, variant: Variant) -> None:
        self.load, self.variant = load, variant
        self.front = LoadFront(load, latching=True)
        self.remote = self.sense = False
        self.enable = 0
        self._own_defaults()

    def _own_defaults(self) -> None:
        self.low = False
        self.volts_range = self.load.rating.volts
        self.protected, self.limit, self.delay = False, self.load.rating.amps, 0.0

    def reset(self) -> None:
        self._own_defaults()
        self.front.reset()
        self.apply_protection()

    def told(self, act: Callable[..., None]) -> Callable[..., None]:
        """A setting is refused in local control."""

        def checked(*values: object) -> None:
            if not self.remote:
                raise ScpiError(scpi.EXECUTION_ERROR)
            act(*values)

        return checked

    def set_remote(self, on: bool) -> None:
        self.remote = on

    def set_sense(self, on: bool) -> None:
        self.sense = on

    def set_enable(self, mask: int) -> None:
        self.enable = mask

    @property
    def top_amps(self) -> float:
        return self.load.rating.amps * (LOW_RANGE if self.low else 1.0)

    @property
    def fastest(self) -> float:
        return self.load.rating.fastest * (LOW_RANGE if self.low else 1.0)

    def set_range(self, amps: float) -> None:
        """The range with the higher resolution that holds `amps`; what it does not hold becomes its maximum."""
        self.low = amps <= self.load.rating.amps * LOW_RANGE
        front = self.front
        if front.levels["CURR"] > self.top_amps:
            front.set_level("CURR", self.top_amps)
        front.rise, front.fall = min(front.rise, self.fastest), min(front.fall, self.fastest)
        front.apply_slew()

    def set_volts_range(self, volts: float) -> None:
        self.volts_range = volts

    def choose(self, word: str) -> None:
        mode, _ = WORDS[word]
        if self.variant.mode_change_opens and mode != self.front.mode:
            self.front.set_input(False)
        self.front.choose(mode)

    def set_edges(self, *edges: str) -> Callable[[float], None]:
        """Out of range nothing happens, and nobody is told."""

        def act(amps_per_us: float) -> None:
            slew = amps_per_us * PER_US
            if self.load.rating.slowest <= slew <= self.fastest:
                for edge in edges:
                    setattr(self.front, edge, slew)
                self.front.apply_slew()

        return act

    def protect(self, on: bool) -> None:
        self.protected = on
        self.apply_protection()

    def set_limit(self, amps: float) -> None:
        self.limit = amps
        self.apply_protection()

    def set_delay(self, seconds: float) -> None:
        self.delay = seconds
        self.apply_protection()

    def apply_protection(self) -> None:
        self.load.set_protection("OCP", (self.limit, self.delay) if self.protected else None)

    def condition(self) -> int:
        alarm = self.front.alarm
        return 0 if alarm is None else self.variant.trip_bits[alarm]


def _four(value: float) -> str:
    return f"{value:.4f}"


def _three(value: float) -> str:
    return f"{value:.3f}"


def build(load: Load, variant: Variant) -> ScpiInstrument:
    """The instrument in front of `load`."""
    firmware = _Firmware(load, variant)
    front, rating, told = firmware.front, load.rating, firmware.told

    def number(
        header: str,
        get: Callable[[], float],
        act: Callable[[float], None],
        limits: tuple[Callable[[], float], Callable[[], float]],
        form: Callable[[float], str] = _three,
    ) -> Command:
        low, high = limits
        argument = Number(low, high, default=low)
        return Command(f"[:SOURce]:{header}", lambda: form(get()), told(act), (argument,), form)

    def fixed(low: float, high: float) -> tuple[Callable[[], float], Callable[[], float]]:
        return lambda: low, lambda: high

    def level(word: str, mode: Mode, low: float, high: Callable[[], float], form: Callable[[float], str]) -> Command:
        header = f"{word}[:LEVel][:IMMediate][:AMPLitude]"
        return number(
            header, lambda: front.levels[mode], lambda value: front.set_level(mode, value), (lambda: low, high), form
        )

    def switch(header: str, get: Callable[[], bool], act: Callable[[bool], None]) -> Command:
        return Command(header, lambda: str(int(get())), told(act), (boolean,))

    def edge(word: str, attribute: str) -> Command:
        header, act = f"[:SOURce]:CURRent:SLEW:{word}", firmware.set_edges(attribute)
        argument = between(0.0, 1e6)
        return Command(header, lambda: _four(getattr(front, attribute) / PER_US), told(act), (argument,))

    def measured(index: int) -> Callable[[], str]:
        return lambda: f"{load.measure()[index]:.5f}"

    def power() -> str:
        volts, amps = load.measure()
        return f"{volts * amps:.5f}"

    both = firmware.set_edges("rise", "fall")
    commands = [
        Command("[:SOURce]:FUNCtion", lambda: WORDS[front.mode][1], told(firmware.choose), (FUNCTIONS,)),
        level("CURRent", "CURR", 0.0, lambda: firmware.top_amps, _four),
        number("CURRent:RANGe", lambda: firmware.top_amps, firmware.set_range, fixed(0.0, rating.amps)),
        Command("[:SOURce]:CURRent:SLEW[:BOTH]", lambda: "0", told(both), (between(0.0, 1e6),)),
        edge(variant.edges[0], "rise"),
        edge(variant.edges[1], "fall"),
        number("CURRent:PROTection[:LEVel]", lambda: firmware.limit, firmware.set_limit, fixed(0.0, rating.amps)),
        number("CURRent:PROTection:DELay", lambda: firmware.delay, firmware.set_delay, fixed(0.0, LONGEST_DELAY)),
        switch("[:SOURce]:CURRent:PROTection:STATe", lambda: firmware.protected, firmware.protect),
        level("VOLTage", "VOLT", 0.0, lambda: rating.volts, _three),
        number("VOLTage:RANGe", lambda: firmware.volts_range, firmware.set_volts_range, fixed(0.0, rating.volts)),
        number("VOLTage[:LEVel]:ON", lambda: front.von, front.set_von, fixed(0.0, rating.volts)),
        switch("[:SOURce]:VOLTage:LATCh[:STATe]", lambda: front.von_latch, front.set_von_latch),
        level("RESistance", "RES", rating.min_ohms, lambda: rating.max_ohms, _three),
        level("POWer", "POW", 0.0, lambda: rating.watts, _three),
        switch("[:SOURce]:INPut[:STATe]", lambda: load.input_on, front.set_input),
        switch("[:SOURce]:INPut:SHORt[:STATe]", lambda: front.short, front.set_short),
        Command("PROTection:CLEar", set=told(front.clear)),
        switch("REMote:SENSe[:STATe]", lambda: firmware.sense, firmware.set_sense),
        *(
            Command(f"{verb}[:SCALar]:{word}[:DC]", measured(index))
            for verb in ("MEASure", "FETCh")
            for index, word in enumerate(("VOLTage", "CURRent"))
        ),
        Command("FETCh[:SCALar]:POWer[:DC]", power),
        *([Command("MEASure[:SCALar]:POWer[:DC]", power)] if variant.measures_power else []),
        Command("STATus:QUEStionable:CONDition", lambda: str(firmware.condition())),
        Command("STATus:QUEStionable:ENABle", lambda: str(firmware.enable), firmware.set_enable, (integer,)),
        Command("SYSTem:REMote", set=lambda: firmware.set_remote(True)),
        Command("SYSTem:RWLock", set=lambda: firmware.set_remote(True)),
        Command("SYSTem:LOCal", set=lambda: firmware.set_remote(False)),
    ]
    return ScpiInstrument(variant.identity, commands, reset=told(firmware.reset), dialect=DIALECT)
