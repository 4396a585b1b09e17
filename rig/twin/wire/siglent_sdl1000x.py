"""Siglent SDL1030X electronic load, 150 V, 30 A, 300 W, SCPI on its LAN port.

Written from the SDL1000X programming guide (sections 2.2 to 2.4 for the grammar, chapter 3 for the commands): [:SOURce]
is optional everywhere, values are bare numbers, states are ON, OFF, 0 or 1 and come back as 0 or 1, "the command is
invalid if the parameter value [is] beyond the scope". VOLTage, POWer and LED are modes of the load that this twin's
physics does not have; choosing one is a settings conflict. The guide does not say what a short does to the level: here
it is the lowest resistance, and its end brings the mode in use back; the input keeps its state in both.
"""

from collections.abc import Callable
from typing import Literal, Protocol

from rig.twin.wire import scpi
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, boolean, choice
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

Mode = Literal["CURR", "RES"]
CURRENT_RANGES = (5.0, 30.0)  # A
VOLTAGE_RANGES = (36.0, 150.0)  # V
LOWEST_OHMS, HIGHEST_OHMS = 0.03, 10e3
FUNCTIONS = choice("CURRent", "VOLTage", "POWer", "RESistance", "LED")


class Load(Protocol):
    """What the wire needs of the load's physics. Amperes and ohms."""

    @property
    def input_on(self) -> bool: ...

    def set_level(self, mode: Mode, value: float) -> None: ...

    def set_input(self, on: bool) -> None: ...

    def measure(self) -> tuple[float, float]: ...


class _Front:
    """Mode, levels and ranges as the front panel shows them."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.ranges = _widest()
        self.function: Mode = "CURR"
        self.levels: dict[Mode, float] = {"CURR": 0.0, "RES": HIGHEST_OHMS}
        self.short = False

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
            if key == "CURRent:IRANGe" and self.levels["CURR"] > chosen:
                raise ScpiError(scpi.SETTINGS_CONFLICT)
            self.ranges[key] = chosen

        return setter

    def set_short(self, on: bool) -> None:
        self.short = on
        self.apply()

    def reset(self) -> None:
        self.load.set_input(False)
        self.ranges = _widest()
        self.function, self.short = "CURR", False
        self.levels = {"CURR": 0.0, "RES": HIGHEST_OHMS}
        self.apply()


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

    def measured(index: int) -> Callable[[], str]:
        return lambda: _six(load.measure()[index])

    def power() -> str:
        v, i = load.measure()
        return _six(v * i)

    commands = [
        Command("[:SOURce]:FUNCtion", lambda: front.function, front.choose, (FUNCTIONS,)),
        level("CURRent", "CURR", 0.0, lambda: front.ranges["CURRent:IRANGe"], 0.0),
        level("RESistance", "RES", LOWEST_OHMS, lambda: HIGHEST_OHMS, HIGHEST_OHMS),
        absent("VOLTage"),
        absent("POWer"),
        *(ranges(key, CURRENT_RANGES if key.endswith("IRANGe") else VOLTAGE_RANGES) for key in _widest()),
        Command("[:SOURce]:INPut[:STATe]", lambda: str(int(load.input_on)), load.set_input, (boolean,)),
        Command("[:SOURce]:SHORt[:STATe]", lambda: str(int(front.short)), front.set_short, (boolean,)),
        Command("MEASure[:SCALar]:VOLTage[:DC]", measured(0)),
        Command("MEASure[:SCALar]:CURRent[:DC]", measured(1)),
        Command("MEASure[:SCALar]:POWer[:DC]", power),
    ]
    identity = f"Siglent Technologies,SDL1030X,{serial},1.1.1.21R2"
    return ScpiInstrument(identity, commands, reset=front.reset, dialect=Dialect(queue=20))
