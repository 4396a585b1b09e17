"""Keysight 34980A switch/measure unit, and 34970A, 34972A, DAQ970A and DAQ973A data acquisition units: relays and scan.

Channels are numbered as printed: slot and channel, 101 in a data acquisition unit, 1001 in the 34980A. The cards in the
slots say which there are (`keysight_cards`, with the limits of their contacts). What ROUTe:CLOSe? answers is what the
firmware has told the relays, not what the contacts do.

Sources read: 34980A programmer's reference (ROUTe:CLOSe, OPEN, CLOSe:EXCLusive and SCAN, DIAGnostic:RELay:CYCLes?,
[SENSe:]VOLTage:DC:RANGe with the overload value, FORMat:READing:UNIT, DATA:REMove?, *IDN?); 34970A user's guide (p. 73
channel lists, p. 87 reading format, p. 146 SYSTem:CTYPe?, p. 228 to 235 scanning, p. 259 switching); DAQ970A
programming guide (p. 139 FORMat, p. 149 *IDN?). From public drivers: the quotes around the 34980A's card (QCoDeS), the
slots of the DAQ970A as 1 to 3, counts such as +231.
Not verified: the unit "VDC" of the data acquisition units, ROUTe:OPEN:ALL beyond QCoDeS, ABORt of an idle unit, that
DAQ970A answers DIAGnostic:RELay:CYCLes? (one public driver asks it SYSTem:RELay:CYCLes?), several clients.

CONFigure takes the smallest range that holds the value asked for, at its default resolution; a manual says that it
switches automatic ranging on, so the range is set once more by itself and read back. In the data acquisition units
CONFigure makes the scan list as well, in the 34980A ROUTe:SCAN does. Readings are asked for with unit and channel, so
that none can be taken for another's; overload (9.9E+37) is an error, never a reading. While a channel is on the scan
list, its card does not let several of its channels be closed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from instruments.accuracy import Accuracy
from instruments.clock import Clock, Tap
from instruments.errors import InstrumentError, OutOfRange, ProtocolError, not_supported
from instruments.link import VisaLink
from instruments.opening import open_scpi
from instruments.records import NOBODY, Address, Identity
from instruments.recovery import recover
from instruments.relays.keysight_cards import CARDS, Card
from instruments.roles import Capability
from instruments.scpi import number, query_identity, query_integer, set_checked, wrong_model

RANGES = (0.1, 1.0, 10.0, 100.0, 300.0)  # V
OVERLOAD = "9.90000000E+37"


@dataclass(frozen=True, slots=True)
class Frame:
    """A mainframe: `hundred` is what a slot adds to a channel's number, `slot_word` how it is named to SYST:CTYP?."""

    slots: int
    hundred: int
    slot_word: int


_34980A = Frame(slots=8, hundred=1000, slot_word=1)
_3497XA = Frame(slots=3, hundred=100, slot_word=100)
_DAQ97XA = Frame(slots=3, hundred=100, slot_word=1)
FRAMES = {"34980A": _34980A, "34970A": _3497XA, "34972A": _3497XA, "DAQ970A": _DAQ97XA, "DAQ973A": _DAQ97XA}

_DAQ_SHEET = "DAQ970A data sheet, page 10: 1 year, calibration temperature +-5 C"
_OLD_SHEET = "not verified: figures commonly quoted for the 34970A; its data sheet's example confirms the 10 V range"


def _rows(sheet: str, figures: Mapping[float, tuple[float, float]], *, verified: bool) -> tuple[Accuracy, ...]:
    """Per cent of reading and of range, as data sheets print them."""
    return tuple(
        Accuracy(
            "measure voltage",
            full,
            gain_frac=reading / 100,
            offset_frac_of_range=of_range / 100,
            source=sheet,
            verified=verified,
        )
        for full, (reading, of_range) in figures.items()
    )


DAQ970A_ACCURACY = _rows(
    _DAQ_SHEET,
    {
        0.1: (0.0050, 0.0060),
        1.0: (0.0035, 0.0006),
        10.0: (0.0030, 0.0004),
        100.0: (0.0040, 0.0006),
        300.0: (0.0040, 0.0020),
    },
    verified=True,
)
OLDER_ACCURACY = _rows(
    _OLD_SHEET,
    {
        0.1: (0.0050, 0.0040),
        1.0: (0.0040, 0.0007),
        10.0: (0.0035, 0.0005),
        100.0: (0.0045, 0.0006),
        300.0: (0.0045, 0.0030),
    },
    verified=False,
)


class KeysightSwitch:
    """Roles RelayMatrix and Meter (scan). Construct with an open link and call begin(), or use connect()."""

    capabilities: frozenset[Capability] = frozenset({"operation counters", "scan", "DC voltage"})
    second_client: bool | None = None
    accuracy: tuple[Accuracy, ...] = OLDER_ACCURACY

    def __init__(self, link: VisaLink) -> None:
        self.link, self.name = link, link.name
        self.known = NOBODY
        self.channels: tuple[int, ...] = ()
        self.inputs: tuple[int, ...] = ()
        self._frame = _34980A
        self._cards: dict[int, Card] = {}
        self._scanned: tuple[int, ...] = ()

    @classmethod
    def connect(
        cls, entry: Address, *, name: str, tap: Tap, clock: Clock, timeout_s: float = 5.0, line: str = "9600 8N1"
    ) -> Self:
        """Open, identify, and ask for the cards. Switches nothing. `line` is for a 34970A on RS-232."""
        return open_scpi(cls, entry, name=name, tap=tap, clock=clock, timeout_s=timeout_s, line=line)

    def begin(self) -> Identity:
        """What has to be done on a fresh connection. LinkRefused if it is another instrument."""
        with self.link.lock:
            identity = self.identity()
            frame = FRAMES.get(identity.model)
            if frame is None:
                raise wrong_model(self.name, self.link.address, identity, f"one of {', '.join(FRAMES)}")
            self._frame, self._scanned = frame, ()
            self._cards = {slot: CARDS[model] for slot, model in self.slots().items() if model in CARDS}
        self.channels = self._numbers({slot: card.relays for slot, card in self._cards.items()})
        self.inputs = self._numbers({slot: card.inputs for slot, card in self._cards.items()})
        self.accuracy = DAQ970A_ACCURACY if frame is _DAQ97XA else OLDER_ACCURACY
        self.known = identity
        return identity

    def identity(self) -> Identity:
        return query_identity(self.link)

    def slots(self) -> dict[int, str]:
        """The models of the cards, by slot; empty slots are left out. Cards that this driver does not know too."""
        return {slot: model for slot in range(1, self._frame.slots + 1) if (model := self._card(slot)) != "0"}

    def set(self, channel: int, on: bool) -> None:
        """Switch one relay and read all back."""
        self._known(channel, "set")
        with self.link.lock:
            command = f"ROUT:{'CLOS' if on else 'OPEN'} (@{channel})"
            set_checked(self.link, command)
            if self.states()[channel] is not on:
                raise self._contradiction(command, (channel,))

    def set_all(self, on: bool) -> None:
        """Switch all relays, card by card, and read all back. All closed short every matrix and multiplexer."""
        with self.link.lock:
            if not on and self._frame is _34980A:
                set_checked(self.link, "ROUT:OPEN:ALL")
            else:
                for span in self._spans():
                    set_checked(self.link, f"ROUT:{'CLOS' if on else 'OPEN'} {span}")
            wrong = tuple(channel for channel, state in self.states().items() if state is not on)
            if wrong:
                raise self._contradiction("set_all", wrong)

    def states(self) -> dict[int, bool]:
        """The relays as the firmware reports them."""
        with self.link.lock:
            words: list[str] = []
            for span in self._spans():
                words += self.link.query(f"ROUT:CLOS? {span}").strip().split(",")
        if len(words) != len(self.channels) or not set(words) <= {"0", "1"}:
            what = f"{len(words)} answers for {len(self.channels)} relays, or not all of them 0 or 1"
            raise ProtocolError(self.name, "ROUT:CLOS?", what, "check the cards and the firmware")
        return {channel: word == "1" for channel, word in zip(self.channels, words, strict=True)}

    def pulse(self, channel: int, seconds: float) -> None:
        raise not_supported(self.name, "pulse")

    def toggle(self, channel: int) -> bool:
        raise not_supported(self.name, "toggle")

    def operations(self, channel: int) -> int:
        """The relay's cycle count, kept by the card."""
        self._known(channel, "operations")
        return query_integer(self.link, f"DIAG:REL:CYCL? (@{channel})")

    def configure(
        self, function: Literal["DC voltage", "DC current"], range_si: float, *, channels: Sequence[int] = ()
    ) -> None:
        """Scan `channels` on the smallest range that holds `range_si` volts. Closes nothing before read()."""
        if function != "DC voltage":
            raise not_supported(self.name, function)
        wrong = [channel for channel in channels if channel not in self.inputs]
        if wrong or not channels or len(set(channels)) != len(channels):
            what = f"channels {list(channels)} are not one or more different inputs of a multiplexer card"
            raise OutOfRange(self.name, "configure", what, "correct the channels, or the cards in the slots")
        full = self._range(range_si)
        listed = f"(@{','.join(str(channel) for channel in channels)})"
        asked = f"VOLT:DC:RANG? {listed}"
        with self.link.lock:
            self._scanned = ()
            for command in (
                f"CONF:VOLT:DC {full:g},DEF,{listed}",
                f"VOLT:DC:RANG {full:g},{listed}",
                f"ROUT:SCAN {listed}",
                "TRIG:SOUR IMM",
                "TRIG:COUN 1",
                "FORM:READ:UNIT ON",
                "FORM:READ:CHAN ON",
            ):
                set_checked(self.link, command)
            ranges = [number(self.link, asked, word) for word in self.link.query(asked).split(",")]
            if ranges != [full] * len(channels):
                raise InstrumentError(
                    self.name, asked, f"it measures on {ranges} instead of {full:g} V", "see its manual"
                )
            self._scanned = tuple(channels)

    def read(self) -> tuple[float, ...]:
        """One sweep through the channels, in volts, in the order in which they were configured."""
        if not self._scanned:
            raise InstrumentError(self.name, "READ?", "no channels to scan", "call configure() first")
        fields = self.link.query("READ?").strip().split(",")
        readings = {channel: self._volts(reading) for reading, channel in zip(fields[::2], fields[1::2], strict=False)}
        if len(fields) != 2 * len(self._scanned) or readings.keys() != {str(channel) for channel in self._scanned}:
            what = f"readings of channels {', '.join(readings)} instead of {self._scanned}"
            raise ProtocolError(self.name, "READ?", what, "configure it again")
        return tuple(readings[str(channel)] for channel in self._scanned)

    def channel_accuracy(self, function: Literal["DC voltage", "DC current"], range_si: float) -> Accuracy:
        if function != "DC voltage":
            raise not_supported(self.name, function)
        full = self._range(range_si)
        return next(row for row in self.accuracy if row.range == full)

    def make_safe(self) -> None:
        """No scan goes on, all relays open, read back. Idempotent. Form C relays are then at their closed contact."""
        with self.link.lock:
            try:
                set_checked(self.link, "ABOR")
            finally:
                self.set_all(False)

    def read_back(self) -> dict[str, object]:
        """{"on": channels that are closed, "cards": models by slot}."""
        with self.link.lock:
            on = tuple(channel for channel, state in self.states().items() if state)
            return {"on": on, "cards": self.slots()}

    def reopen(self) -> None:
        """After LinkTimeout, LinkDesync or LinkLost: reopen, check that the same instrument answers, make it safe."""
        recover(self)

    def close(self) -> None:
        """Close the link; the relays stay as they are. Safe state first."""
        self.link.close()

    def _volts(self, reading: str) -> float:
        value, _, unit = reading.strip().partition(" ")
        if unit == "VDC" and value.lstrip("+-") == OVERLOAD:
            raise InstrumentError(self.name, "READ?", "an input is beyond the range", "choose a higher range")
        return number(self.link, "READ?", reading, "VDC")

    def _card(self, slot: int) -> str:
        command = f"SYST:CTYP? {slot * self._frame.slot_word}"
        reply = self.link.query(command)
        fields = reply.strip().strip('"').split(",")
        if len(fields) != 4:
            raise ProtocolError(self.name, command, f"{reply!r} is no card", "check model and firmware")
        return fields[1]

    def _numbers(self, by_slot: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
        return tuple(slot * self._frame.hundred + channel for slot, own in by_slot.items() for channel in own)

    def _spans(self) -> list[str]:
        """A range for each card with relays: what is no channel inside a range is left out by the instrument."""
        own = [self._numbers({slot: card.relays}) for slot, card in self._cards.items() if card.relays]
        return [f"(@{numbers[0]}:{numbers[-1]})" for numbers in own]

    def _range(self, volts: float) -> float:
        if not 0.0 < volts <= RANGES[-1]:
            raise OutOfRange(self.name, "range", f"{volts:g} V is no voltage up to {RANGES[-1]:g} V", "choose another")
        return next(full for full in RANGES if full >= volts)

    def _known(self, channel: int, command: str) -> None:
        if channel not in self.channels:
            what = f"channel {channel} is no relay of the cards in its slots"
            raise OutOfRange(self.name, command, what, "correct the pilot channel, or the cards")

    def _contradiction(self, command: str, wrong: Sequence[int]) -> InstrumentError:
        what = f"channels {', '.join(str(channel) for channel in wrong)} read otherwise than they were told"
        return InstrumentError(self.name, command, what, "look for a scan list or a limit of that card")
