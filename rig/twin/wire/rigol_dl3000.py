"""Rigol DL3031A electronic load, 150 V, 60 A, 350 W, SCPI on its LAN port.

Written from the "DL3000 Programming Guide" (Rigol), pages 1-7 (status), 2-20 to 2-24, 2-37 and 2-49 as far as they are
public, and from what users of a DL3031A measured. [:SOURce] is optional; FUNCtion? answers CC, CR, CV, CP; replies have
six decimals; a current range that changes sets the level to 0, a resistance range that does not hold the level is
refused; the slope is 0.001 A/us and the start voltage latched as delivered; a word that FUNCtion does not know is a
parameter error; there is no command for a short, nor for the latch. VLIMt is kept and does nothing: the physics has no
such limit. ILIMt of the mode in use switches the input off.
FUNCtion:MODE takes FIXed and WAVe, which is a display; the other programs of the load are not in this twin's physics,
and choosing one is a settings conflict.
[K]: the numbers of errors, the delay of ILIMt, and that bits OC, OP and PS stay until the input is switched again.
"""

from collections.abc import Callable

from rig.twin.wire import scpi
from rig.twin.wire.load_front import LoadFront
from rig.twin.wire.roles import Load, LoadAlarm, Mode
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, boolean, choice, integer, supported
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

PER_US = 1e6
MOST_VOLTS, MOST_AMPS = 155.0, 70.0  # of VLIMt and ILIMt, and what they are as delivered
LIMIT_DELAY = 1e-3  # s
PARAMETER_ERROR = -220
FUNCTIONS = choice("CURRent", "RESistance", "VOLTage", "POWer")
PROGRAMS = supported("FIXed", "WAVe", refused=("LIST", "BATTery", "OCP", "OPP"))
NAMES: dict[Mode, str] = {"CURR": "CC", "RES": "CR", "VOLT": "CV", "POW": "CP"}
MODES: dict[str, Mode] = {"CURRent": "CURR", "RESistance": "RES", "VOLTage": "VOLT", "POWer": "POW"}
RANGES: dict[Mode, tuple[tuple[float, float], ...]] = {
    "CURR": ((0.0, 6.0), (0.0, 60.0)),
    "RES": ((0.08, 15.0), (2.0, 15e3)),
    "VOLT": ((0.0, 15.0), (0.0, 150.0)),
}
"""What each holds, in A, ohm and V."""
TRIP_BITS: dict[LoadAlarm, int] = {"OCP": 1 << 1 | 1 << 13, "OPP": 1 << 3 | 1 << 13}


class _Firmware:
    """Ranges, limits and the program in use as the front panel shows them."""

    def __init__(self, load: Load) -> None:
        self.load, self.front = load, LoadFront(load, latching=False)
        self.enable = 0
        self._own_defaults()

    def _own_defaults(self) -> None:
        self.spans = {mode: spans[-1] for mode, spans in RANGES.items()}
        self.volts_limits: dict[Mode, float] = dict.fromkeys(NAMES, MOST_VOLTS)
        self.amps_limits: dict[Mode, float] = dict.fromkeys(NAMES, MOST_AMPS)
        self.program, self.sense = "FIX", False
        self.front.von_latch = True

    def reset(self) -> None:
        self.front.reset()
        self._own_defaults()
        self.front.set_von(self.front.von)
        self.apply_limit()

    def choose(self, word: str) -> None:
        self.front.choose(next(mode for mode in NAMES if mode == word))
        self.apply_limit()

    def run(self, program: str) -> None:
        self.program = program

    def set_range(self, mode: Mode) -> Callable[[float], None]:
        """The lowest range that holds the value."""

        def act(value: float) -> None:
            span = next(span for span in RANGES[mode] if value <= span[1])
            level = self.front.levels[mode]
            if mode == "RES" and not span[0] <= level <= span[1]:
                raise ScpiError(scpi.SETTINGS_CONFLICT)
            if mode != "RES" and span != self.spans[mode]:
                self.front.set_level(mode, 0.0)
            self.spans[mode] = span

        return act

    def set_slew(self, *edges: str) -> Callable[[float], None]:
        def act(amps_per_us: float) -> None:
            for edge in edges:
                setattr(self.front, edge, amps_per_us * PER_US)
            self.front.apply_slew()

        return act

    def limit_volts(self, mode: Mode) -> Callable[[float], None]:
        return lambda value: self.volts_limits.update({mode: value})

    def limit_amps(self, mode: Mode) -> Callable[[float], None]:
        def act(value: float) -> None:
            self.amps_limits[mode] = value
            self.apply_limit()

        return act

    def apply_limit(self) -> None:
        """Above its rating the load's own protection comes first."""
        amps = self.amps_limits[self.front.mode]
        self.load.set_protection("OCP", (amps, LIMIT_DELAY) if amps <= self.load.rating.amps else None)

    def set_sense(self, on: bool) -> None:
        self.sense = on

    def set_enable(self, mask: int) -> None:
        self.enable = mask

    def condition(self) -> int:
        alarm = self.front.alarm
        return 0 if alarm is None else TRIP_BITS[alarm]


def _six(value: float) -> str:
    return f"{value:.6f}"


def build(load: Load, serial: str = "DL3D000000001") -> ScpiInstrument:
    """The instrument in front of `load`."""
    firmware = _Firmware(load)
    front, rating = firmware.front, load.rating

    def number(
        header: str,
        get: Callable[[], float],
        act: Callable[[float], None],
        limits: tuple[Callable[[], float], Callable[[], float]],
        default: Callable[[], float] | None = None,
    ) -> Command:
        low, high = limits
        argument = Number(low, high, default=default or low)
        return Command(f"[:SOURce]:{header}", lambda: _six(get()), act, (argument,), _six)

    def fixed(low: float, high: float) -> tuple[Callable[[], float], Callable[[], float]]:
        return lambda: low, lambda: high

    def switch(header: str, get: Callable[[], bool], act: Callable[[bool], None]) -> Command:
        return Command(f"[:SOURce]:{header}", lambda: str(int(get())), act, (boolean,))

    def rows(word: str, mode: Mode) -> list[Command]:
        """Level, range and limits of a mode."""
        spans = RANGES.get(mode, ((0.0, rating.watts),))
        held = (lambda: firmware.spans.get(mode, spans[0])[0]), (lambda: firmware.spans.get(mode, spans[0])[1])
        table = [
            number(
                f"{word}[:LEVel][:IMMediate]",
                lambda: front.levels[mode],
                lambda value: front.set_level(mode, value),
                held,
            ),
            number(
                f"{word}:VLIMt",
                lambda: firmware.volts_limits[mode],
                firmware.limit_volts(mode),
                fixed(0.0, MOST_VOLTS),
            ),
            number(
                f"{word}:ILIMt", lambda: firmware.amps_limits[mode], firmware.limit_amps(mode), fixed(0.0, MOST_AMPS)
            ),
        ]
        if mode in RANGES:
            low, high = fixed(spans[0][1], spans[1][1])
            argument = Number(low, high, default=high)
            act = firmware.set_range(mode)
            table.append(
                Command(f"[:SOURce]:{word}:RANGe", lambda: _six(firmware.spans[mode][1]), act, (argument,), _six)
            )
        return table

    def slew(node: str, shown: str, *edges: str) -> Command:
        limits = fixed(rating.slowest / PER_US, rating.fastest / PER_US)
        return number(f"CURRent:SLEW{node}", lambda: getattr(front, shown) / PER_US, firmware.set_slew(*edges), limits)

    def reading(quantity: Callable[[float, float], float]) -> Callable[[], str]:
        return lambda: _six(quantity(*load.measure()))

    readings: dict[str, Callable[[float, float], float]] = {
        "VOLTage": lambda volts, _amps: volts,
        "CURRent": lambda _volts, amps: amps,
        "POWer": lambda volts, amps: volts * amps,
        "RESistance": lambda volts, amps: volts / amps if amps > 0.0 else rating.max_ohms,
    }
    commands = [
        Command("[:SOURce]:FUNCtion", lambda: NAMES[front.mode], firmware.choose, (FUNCTIONS,)),
        Command("[:SOURce]:FUNCtion:MODE", lambda: firmware.program, firmware.run, (PROGRAMS,)),
        *(row for word, mode in MODES.items() for row in rows(word, mode)),
        slew("[:BOTH]", "rise", "rise", "fall"),
        slew(":POSitive", "rise", "rise"),
        slew(":NEGative", "fall", "fall"),
        number("CURRent:VON", lambda: front.von, front.set_von, fixed(0.0, rating.volts)),
        switch("INPut[:STATe]", lambda: load.input_on, front.set_input),
        switch("SENSe[:STATe]", lambda: firmware.sense, firmware.set_sense),
        *(
            Command(f":{verb}[:SCALar]:{word}[:DC]", reading(quantity))
            for verb in ("MEASure", "FETCh")
            for word, quantity in readings.items()
        ),
        Command(":STATus:QUEStionable:CONDition", lambda: str(firmware.condition())),
        Command(":STATus:QUEStionable:ENABle", lambda: str(firmware.enable), firmware.set_enable, (integer,)),
    ]
    identity = f"RIGOL TECHNOLOGIES,DL3031A,{serial},00.01.05.00.01"
    dialect = Dialect(codes={scpi.ILLEGAL_VALUE: PARAMETER_ERROR})
    return ScpiInstrument(identity, commands, reset=firmware.reset, dialect=dialect)
