"""An instrument that speaks SCPI: a command table, an error queue, the common commands, messages in and replies out."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rig.twin.wire import scpi
from rig.twin.wire.scpi import ScpiError, Unit
from rig.twin.wire.scpi_args import LIMIT_WORDS, Argument, Number, Omissible, Rest, integer

LONGEST_MESSAGE = 1 << 16
_CACHE = 2048

TEXTS = {
    0: "No error",
    -100: "Command error",
    -101: "Invalid character",
    -102: "Syntax error",
    -103: "Invalid separator",
    -104: "Data type error",
    -108: "Parameter not allowed",
    -109: "Missing parameter",
    -113: "Undefined header",
    -114: "Header suffix out of range",
    -131: "Invalid suffix",
    -138: "Suffix not allowed",
    -200: "Execution error",
    -201: "Invalid while in local",
    -220: "Parameter error",
    -221: "Settings conflict",
    -222: "Data out of range",
    -223: "Too much data",
    -224: "Illegal parameter value",
    -230: "Data corrupt or stale",
    -350: "Queue overflow",
    -363: "Input buffer overrun",
    -410: "Query INTERRUPTED",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A row of a manual: header pattern, what a query returns, what a setting does, its parameters.

    Numeric suffixes of the header come first in the arguments of both. `form` prints a limit of the parameter, for
    manuals that allow `VOLTage? MAX`. `asks` are the parameters of the query, such as a channel list; with them a limit
    may stand before the list: `VOLTage? MAX,(@1)`. Where the limit depends on the channel, `bounds` prints the one that
    a word (MIN, MAX, DEF) names, from the word, the suffixes and the `asks`.
    """

    header: str
    get: Callable[..., str | bytes] | None = None
    set: Callable[..., None] | None = None
    args: tuple[Argument, ...] = ()
    form: Callable[[float], str] | None = None
    asks: tuple[Argument, ...] = ()
    bounds: Callable[..., str] | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a maker's firmware differs from the standard: length of the error queue, its codes and texts.

    `signed`: codes come with their sign, +0 for none, or with `bare_zero` 0 for none. `most`: how many commands one
    message may have; 0: any number. `rooted`: a command that is none below the path of the one before
    is taken from the root.
    """

    queue: int = 20
    signed: bool = False
    bare_zero: bool = False
    codes: Mapping[int, int] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    most: int = 0
    rooted: bool = False


class ScpiInstrument:
    """`identity` answers *IDN?. `reset` does *RST. `errors_read` runs before the error queue is read."""

    def __init__(
        self,
        identity: str,
        commands: Sequence[Command],
        *,
        reset: Callable[[], None],
        dialect: Dialect | None = None,
        errors_read: Callable[[], None] | None = None,
    ) -> None:
        self.identity = identity
        self.errors: deque[int] = deque()
        self._dialect = dialect or Dialect()
        self._errors_read = errors_read or (lambda: None)
        self._event_status = 0
        self._enable = {"ESE": 0, "SRE": 0}
        table = (*commands, *self._common(reset))
        self._table = [(scpi.compile_header(command.header), command) for command in table]
        self._found: dict[str, list[tuple[Command, tuple[int, ...]]]] = {}

    def execute(self, message: bytes) -> bytes:
        """One program message, without its terminator; the reply with its terminator, or b""."""
        replies: list[bytes] = []
        try:
            for unit in scpi.units(_text(message), self._dialect.most):
                reply = self._unit(unit)
                if reply is not None:
                    replies.append(reply)
        except ScpiError as error:  # a command error ends the message: the parser is lost (IEEE 488.2 section 6.1.7)
            self.push(error.code)
        return b";".join(replies) + b"\n" if replies else b""

    def push(self, code: int) -> None:
        """Append to the error queue; a full one ends with -350 instead (SCPI-99 volume 2 section 21.8)."""
        self._event_status |= _event_bit(code)
        if len(self.errors) < self._dialect.queue:
            self.errors.append(self._dialect.codes.get(code, code))
        else:
            self.errors[-1] = scpi.QUEUE_OVERFLOW

    def next_error(self) -> str:
        """The oldest entry of the error queue, taken out."""
        self._errors_read()
        return self._error_text(self.errors.popleft() if self.errors else 0)

    def all_errors(self) -> str:
        """All entries, taken out."""
        first = self.next_error()
        rest = [self._error_text(code) for code in self.errors]
        self.errors.clear()
        return ",".join((first, *rest))

    def clear(self) -> None:
        """*CLS."""
        self.errors.clear()
        self._event_status = 0

    def _error_text(self, code: int) -> str:
        signed = self._dialect.signed and not (self._dialect.bare_zero and code == 0)
        number = f"{code:+d}" if signed else str(code)
        return f'{number},"{self._dialect.texts.get(code, TEXTS.get(code, "Device error"))}"'

    def _unit(self, unit: Unit) -> bytes | None:
        """Execute one unit. Execution errors are queued here, so that the rest of the message still runs."""
        command, suffixes = self._resolve(unit)
        try:
            if unit.query:
                assert command.get is not None
                reply = self._query(command, suffixes, unit.parameters)
                return reply if isinstance(reply, bytes) else reply.encode("ascii")
            assert command.set is not None
            command.set(*suffixes, *_arguments(command.args, unit.parameters))
        except ScpiError as error:
            if -200 < error.code < 0:
                raise
            self.push(error.code)
        return None

    def _query(self, command: Command, suffixes: Sequence[int], parameters: Sequence[str]) -> str | bytes:
        assert command.get is not None
        word = parameters[0].upper() if parameters else ""
        if command.bounds is not None and word in LIMIT_WORDS:
            return command.bounds(word[:3], *suffixes, *_arguments(command.asks, parameters[1:]))
        argument = command.args[0] if command.args else None
        if len(parameters) == 1 + len(command.asks) and isinstance(argument, Number) and command.form is not None:
            limit = argument.limit(parameters[0])
            if limit is not None:
                _arguments(command.asks, parameters[1:])
                return command.form(limit)
        return command.get(*suffixes, *_arguments(command.asks, parameters))

    def _resolve(self, unit: Unit) -> tuple[Command, tuple[int, ...]]:
        for header in (unit.header, unit.written)[: 1 + self._dialect.rooted]:
            for command, suffixes in self._rows(header):
                if (command.get if unit.query else command.set) is not None:
                    return command, suffixes
        raise ScpiError(scpi.UNDEFINED_HEADER)

    def _rows(self, header: str) -> list[tuple[Command, tuple[int, ...]]]:
        """The rows of the table that `header` is a spelling of, with its numeric suffixes."""
        found = self._found.get(header)
        if found is None:
            matches = ((command, scpi.match_header(nodes, header)) for nodes, command in self._table)
            found = [(command, suffixes) for command, suffixes in matches if suffixes is not None]
            if len(self._found) >= _CACHE:  # a client that sends garbage must not fill the memory
                self._found.clear()
            self._found[header] = found
        return found

    def _common(self, reset: Callable[[], None]) -> tuple[Command, ...]:
        """The mandatory commands of IEEE 488.2 and SYSTem:ERRor."""
        return (
            Command("*IDN", get=lambda: self.identity),
            Command("*CLS", set=self.clear),
            Command("*RST", set=reset),
            Command("*OPC", get=lambda: "1", set=lambda: self._raise_event(1)),
            Command("*WAI", set=lambda: None),  # every command is finished before the next one is read
            Command("*TST", get=lambda: "0"),
            Command("*ESR", get=self._event_status_read),
            Command("*ESE", get=lambda: str(self._enable["ESE"]), set=self._enabler("ESE"), args=(integer,)),
            Command("*SRE", get=lambda: str(self._enable["SRE"]), set=self._enabler("SRE"), args=(integer,)),
            Command("*STB", get=self._status_byte),
            Command(":SYSTem:ERRor[:NEXT]", get=self.next_error),
            Command(":SYSTem:ERRor:ALL", get=self.all_errors),
        )

    def _raise_event(self, bit: int) -> None:
        self._event_status |= bit

    def _event_status_read(self) -> str:
        value, self._event_status = self._event_status, 0
        return str(value)

    def _enabler(self, register: str) -> Callable[[int], None]:
        def enable(mask: int) -> None:
            if not 0 <= mask <= 255:
                raise ScpiError(scpi.OUT_OF_RANGE)
            self._enable[register] = mask

        return enable

    def _status_byte(self) -> str:
        summary = 4 * bool(self.errors) + 32 * bool(self._event_status & self._enable["ESE"])
        return str(summary + 64 * bool(summary & self._enable["SRE"]))


class ScpiSession:
    """A client of an instrument on a raw socket: messages end with a line feed; a carriage return is white space."""

    def __init__(self, instrument: ScpiInstrument) -> None:
        self._instrument = instrument
        self._partial = b""

    def requests(self, data: bytes) -> list[bytes]:
        *complete, partial = (self._partial + data).split(b"\n")
        self._partial = partial[: LONGEST_MESSAGE + 1]  # bounded, and still too long when its end comes
        messages = []
        for message in complete:
            if len(message) > LONGEST_MESSAGE:
                self._instrument.push(scpi.INPUT_OVERRUN)
            elif message.strip():
                messages.append(message)
        return messages

    def answered(self, request: bytes) -> bool:
        return b"?" in request

    def sets(self, request: bytes) -> bool:
        return any(not unit.split()[0].endswith(b"?") for unit in request.split(b";") if unit.strip())

    def execute(self, request: bytes) -> bytes:
        return self._instrument.execute(request)

    def interrupted(self) -> None:
        self._instrument.push(scpi.INTERRUPTED)


def _text(message: bytes) -> str:
    try:
        text = message.decode("ascii").strip().replace("\t", " ")
    except UnicodeDecodeError:
        raise ScpiError(scpi.INVALID_CHARACTER) from None
    if not text.isprintable():
        raise ScpiError(scpi.INVALID_CHARACTER)
    return text


def _arguments(readers: Sequence[Argument], parameters: Sequence[str]) -> list[object]:
    if readers and isinstance(readers[-1], Rest) and len(parameters) > len(readers):
        own, rest = len(readers) - 1, readers[-1]
        return [*_arguments(readers[:-1], parameters[:own]), tuple(rest.read(one) for one in parameters[own:])]
    if len(parameters) > len(readers):
        raise ScpiError(scpi.PARAMETER_NOT_ALLOWED)
    missing = len(readers) - len(parameters)
    omissible = [place for place, read in enumerate(readers) if isinstance(read, Omissible)]
    if missing > len(omissible):
        raise ScpiError(scpi.MISSING_PARAMETER)
    left_out = set(omissible[len(omissible) - missing :])
    given = iter(parameters)
    return [
        read.missing() if place in left_out and isinstance(read, Omissible) else read(next(given))
        for place, read in enumerate(readers)
    ]


def _event_bit(code: int) -> int:
    """The bit of the standard event status register (IEEE 488.2 section 11.5.1) for an error; makers' own are > 0."""
    return 8 if code > 0 else {1: 32, 2: 16, 3: 8, 4: 4}.get(-code // 100, 0)
