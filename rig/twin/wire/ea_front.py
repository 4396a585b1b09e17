"""What EA Elektro-Automatik instruments of the series 9000 and 10000 have in common behind their SCPI.

Written from the maker's "Programming Guide ModBus & SCPI", PGMBEN revision 24 (05/2023), chapter 5: values come back
with their unit ("48.00 V"; the guide prints them without the blank, public drivers read both); nothing can be set
before SYSTem:LOCK ON (-221), nor while the panel is LOCAL (-201); at most 5 commands a message (-223); the queue holds
5 errors of communication, none of alarms, and reading it acknowledges alarms whose cause is gone; an alarm switches the
DC terminal off, which stays off until then; counters of alarms are purged by reading (5.4.15.3); *RST takes remote
control and leaves the set values (5.4.1.3); the bits of both status registers are those of the figure in 5.4.2.
Other than the instrument, this one answers *OPC?, *WAI and *TST? too. That a refused OUTPut ON is a -221 is [K].
"""

from collections.abc import Callable
from typing import Protocol

from rig.twin.wire import scpi
from rig.twin.wire.ea_forms import amps, unit_of, volts, watts
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Number, boolean, choice, integer
from rig.twin.wire.scpi_instrument import Command

ALARM_BITS = {"OVP": 1 << 0, "OCP": 1 << 1, "OPP": 1 << 2, "OT": 1 << 3, "PF": 1 << 13}  # questionable register
LOCAL, REMOTE, ON = 1 << 9, 1 << 10, 1 << 11
REGULATION_BITS = {"OFF": 0, "CV": 1 << 8, "CC": 1 << 9, "CP": 1 << 10, "CR": 1 << 11}  # operation register
SINKING = 1 << 12
LEVEL = "[:LEVel][:IMMediate][:AMPLitude]"
Limit = Callable[[], float]
COUNTERS = {"OVOLtage": "OVP", "OCURrent": "OCP", "OPOWer": "OPP", "OTEMperature": "OT", "PFAil": "PF"}


class Terminal(Protocol):
    """The DC terminal: what is behind OUTPut or INPut."""

    @property
    def on(self) -> bool: ...

    @property
    def regulation(self) -> str:
        """A key of REGULATION_BITS."""
        ...

    def switch(self, on: bool) -> None: ...

    def alarm(self) -> str | None: ...

    def clear_alarm(self) -> None: ...

    def measure(self) -> tuple[float, float]:
        """Volts, and amperes as the instrument counts them: negative while a bidirectional one sinks."""
        ...


class EaFront:
    """Remote control, alarms and status. `local`: whether the panel keeps the instrument to itself."""

    def __init__(self, terminal: Terminal, local: Callable[[], bool], *, bidirectional: bool = False) -> None:
        self.terminal = terminal
        self._local, self._bidirectional = local, bidirectional
        self._remote = False
        self.resistance_mode = False
        self.counts = dict.fromkeys(ALARM_BITS, 0)
        self._counted: str | None = None
        self._condition = self._event = 0
        self._enabled = {"QUES": 0, "OPER": 0}

    @property
    def owner(self) -> str:
        if self._local():
            self._remote = False
            return "LOCAL"
        return "REMOTE" if self._remote else "NONE"

    def controlled(self, action: Callable[..., None]) -> Callable[..., None]:
        """`action`, refused unless the instrument is under remote control."""

        def guarded(*args: object) -> None:
            owner = self.owner
            if owner != "REMOTE":
                raise ScpiError(scpi.INVALID_WHILE_IN_LOCAL if owner == "LOCAL" else scpi.SETTINGS_CONFLICT)
            action(*args)
            self.notice()

        return guarded

    def lock(self, on: bool) -> None:
        if on and self.owner == "LOCAL":
            raise ScpiError(scpi.INVALID_WHILE_IN_LOCAL)
        self._remote = on
        self.notice()

    def switch(self, on: bool) -> None:
        if on and self.terminal.alarm() is not None:
            raise ScpiError(scpi.SETTINGS_CONFLICT)  # alarms must be acknowledged first
        self.terminal.switch(on)

    def notice(self) -> None:
        """Count a new alarm and latch rising bits of the questionable register."""
        alarm = self.terminal.alarm()
        if alarm is not None and alarm != self._counted:
            self.counts[alarm] += 1
        self._counted = alarm
        owner = self.owner
        condition = LOCAL * (owner == "LOCAL") + REMOTE * (owner == "REMOTE") + ON * self.terminal.on
        condition += ALARM_BITS[alarm] if alarm else 0
        self._event |= condition & ~self._condition
        self._condition = condition

    def acknowledge(self) -> None:
        """Reading errors acknowledges an alarm whose cause is gone."""
        self.notice()
        self.terminal.clear_alarm()
        self.notice()

    def reset(self) -> None:
        """*RST; denied, and then nothing, while the panel is LOCAL."""
        if self.owner == "LOCAL":
            raise ScpiError(scpi.INVALID_WHILE_IN_LOCAL)
        self._remote = True
        self.terminal.switch(False)
        self.acknowledge()
        self._event = 0

    def count(self, alarm: str) -> str:
        self.notice()
        value, self.counts[alarm] = self.counts[alarm], 0
        return str(value)

    def condition(self) -> str:
        self.notice()
        return str(self._condition)

    def event(self) -> str:
        self.notice()
        value, self._event = self._event, 0
        return str(value)

    def operation(self) -> str:
        sinking = self._bidirectional and self.terminal.on and self.terminal.measure()[1] < 0.0
        return str(REGULATION_BITS[self.terminal.regulation] + SINKING * sinking)

    def set_mode(self, mode: str) -> None:
        self.resistance_mode = mode == "UIR"

    def rows(self, switch: str) -> list[Command]:
        """The commands of chapter 5 that need nothing of the model but its terminal; `switch` is OUTPut or INPut."""
        rows = [
            Command(
                f"{switch}[:STATe]",
                lambda: "ON" if self.terminal.on else "OFF",
                self.controlled(self.switch),
                (boolean,),
            ),
            Command("MEASure[:SCALar]:VOLTage[:DC]", lambda: volts(self.terminal.measure()[0])),
            Command("MEASure[:SCALar]:CURRent[:DC]", lambda: amps(self.terminal.measure()[1])),
            Command("MEASure[:SCALar]:POWer[:DC]", lambda: watts(_product(self.terminal.measure()))),
            Command("MEASure[:SCALar]:ARRay", self._array),
            Command("SYSTem:LOCK[:STATe]", None, self.lock, (boolean,)),
            Command("SYSTem:LOCK:OWNer", lambda: self.owner),
            Command("STATus:QUEStionable:CONDition", self.condition),
            Command("STATus:QUEStionable[:EVENt]", self.event),
            self._enable("STATus:QUEStionable:ENABle", "QUES"),
            Command("STATus:OPERation:CONDition", self.operation),
            self._enable("STATus:OPERation:ENABle", "OPER"),
        ]
        return rows + [
            Command(f"SYSTem:ALARm:COUNt:{word}", lambda alarm=alarm: self.count(alarm))
            for word, alarm in COUNTERS.items()
        ]

    def mode_row(self, act: Callable[[str], None]) -> Command:
        """U/I/P or U/I/R, of instruments that have a resistance."""
        return Command(
            "SYSTem:CONFig:MODe",
            lambda: "UIR" if self.resistance_mode else "UIP",
            self.controlled(act),
            (choice("UIP", "UIR"),),
        )

    def only(self, header: str, value: float, form: Callable[[float], str]) -> Command:
        """A set value that nothing here can change: it stays where it is, and any other is a conflict."""

        def stay(wanted: float) -> None:
            if wanted != value:
                raise ScpiError(scpi.SETTINGS_CONFLICT)

        argument = Number(lambda: 0.0, lambda: value, unit_of(form))
        return Command(header, lambda: form(value), self.controlled(stay), (argument,), form)

    def kept(
        self, header: str, start: float, top: float, form: Callable[[float], str], act: Callable[[float], None]
    ) -> Command:
        """A set value from 0 to `top`, `start` at first, that `act` puts into effect."""
        held = [start]

        def put(wanted: float) -> None:
            act(wanted)
            held[0] = wanted

        argument = Number(lambda: 0.0, lambda: top, unit_of(form))
        return Command(header, lambda: form(held[0]), self.controlled(put), (argument,), form)

    def adjustable(
        self,
        quantity: str,
        start: float,
        span: tuple[float, float],
        form: Callable[[float], str],
        act: Callable[[float], None],
        *,
        low: bool = False,
    ) -> list[Command]:
        """A set value between adjustment limits (5.4.8), which cannot pass it: the upper, and the lower if `low`."""
        held, limits, unit = [start], list(span), unit_of(form)

        def put(wanted: float) -> None:
            act(wanted)
            held[0] = wanted

        def row(header: str, values: list[float], index: int, lowest: Limit, highest: Limit) -> Command:
            def limit(wanted: float) -> None:
                values[index] = wanted

            return Command(
                header,
                lambda: form(values[index]),
                self.controlled(put if values is held else limit),
                (Number(lowest, highest, unit),),
                form,
            )

        rows = [
            row(f"{quantity}{LEVEL}", held, 0, lambda: limits[0], lambda: limits[1]),
            row(f"{quantity}:LIMit:HIGH", limits, 1, lambda: held[0], lambda: span[1]),
        ]
        return [*rows, row(f"{quantity}:LIMit:LOW", limits, 0, lambda: span[0], lambda: held[0])] if low else rows

    def _array(self) -> str:
        reading = self.terminal.measure()
        return f"{volts(reading[0])}, {amps(reading[1])}, {watts(_product(reading))}"

    def _enable(self, header: str, register: str) -> Command:
        def put(mask: int) -> None:
            if not 0 <= mask <= 0x7FFF:
                raise ScpiError(scpi.OUT_OF_RANGE)
            self._enabled[register] = mask

        return Command(header, lambda: str(self._enabled[register]), put, (integer,))


def _product(reading: tuple[float, float]) -> float:
    return reading[0] * reading[1]
