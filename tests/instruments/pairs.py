"""Pairs: commands and replies from manuals and public sources, which pin driver and counterpart independently.

pairs/DRIVER.jsonl is one conversation from power-on, one JSON object a line:

    {"send": "MEAS:VOLT?", "reply": "48.02 V", "source": "document, page"}

`reply` is left out where none comes; "synthetic": true marks what nobody could check, and its source says why it is
believed; "hex": true is a Modbus PDU without its unit. A reply counts by its form: numbers stand for numbers with as
many decimals, the rest is equal; "exact": true asks for equality. What follows "..." in a reply is not compared.

    python -m tests.instruments.pairs     # how many of a driver's commands are verified, for the table of the docs
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.instruments import transcript

HERE = Path(__file__).parent
MBAP_AND_UNIT = transcript.MBAP + 1
_NUMBER = re.compile(r"([+-]?)(\d+)(\.\d*)?([eE][+-]?\d+)?")
_WRITE_COIL, _WRITE_COILS, _WRITE_REGISTERS = 5, 15, 16
_COIL_STATES = ("ff00", "0000", "5500")


@dataclass(frozen=True)
class Pair:
    send: str
    source: str
    reply: str | None = None
    synthetic: bool = False
    exact: bool = False
    hex: bool = False
    note: str = ""

    def agrees(self, reply: str | None) -> bool:
        """Whether a counterpart's reply is what was written down."""
        if self.reply is None or reply is None or self.exact:
            return reply == self.reply
        if self.hex:
            return len(reply) == len(self.reply) and reply[: 4 if is_read(self.send) else None].startswith(
                self.reply[:4] if is_read(self.send) else self.reply
            )
        wanted, cut, _ = self.reply.partition("...")
        return re.compile(form(wanted) + (".*" if cut else ""), re.DOTALL).fullmatch(reply) is not None


def load_pairs(driver: str) -> list[Pair]:
    """The pairs of a driver. ValueError with file and line for what is none."""
    path = HERE / "pairs" / f"{driver}.jsonl"
    pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            pair = Pair(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise ValueError(f"{path.name}:{number}: is no pair ({error})") from None
        if not pair.source.strip():
            raise ValueError(f"{path.name}:{number}: says nothing of where it is from")
        pairs.append(pair)
    return pairs


def form(reply: str) -> str:
    """A pattern of all replies of this form."""
    return _between(reply, _number_form)


def _number_form(match: re.Match[str]) -> str:
    sign, whole, decimals, exponent = match.groups()
    pattern = r"[+-]" if sign == "+" else "-?"
    pattern += rf"\d{{{len(whole)}}}" if exponent else r"\d+"
    if decimals is not None:
        pattern += rf"\.\d{{{len(decimals) - 1}}}"
    if exponent:
        digits = exponent.lstrip("eE+-")
        signed = exponent[1] in "+-"
        pattern += exponent[0] + ("[+-]" if signed else "-?") + rf"\d{{{len(digits)}}}"
    return pattern


def shape(command: str, *, hex: bool) -> str:  # noqa: A002  named like the field of the file
    """What is left of a command without its numbers; of a PDU: function, address and count, or the state of a coil."""
    if not hex:
        return _NUMBER.sub("#", command)
    function, address, rest = int(command[:2], 16), command[2:6], command[6:]
    if function == _WRITE_COIL:
        return f"{command[:2]} {address[:2]}## {rest if rest in _COIL_STATES else '#'}"
    if is_read(command) or function in (_WRITE_COILS, _WRITE_REGISTERS):
        return f"{command[:2]} {address} {rest[:4]}"
    return f"{command[:2]} {address}"


def is_read(pdu: str) -> bool:
    return int(pdu[:2], 16) in (1, 2, 3, 4)


def commands(path: Path) -> Iterator[tuple[str, bool]]:
    """What a driver sends in its transcript: each command, and whether it is a Modbus PDU in hex."""
    _, cases = transcript.load_cases(path)
    for events in cases.values():
        for event in events:
            if event.direction == ">" and event.data is not None:
                text = event.data.endswith(b"\n") and event.data.isascii()
                yield (event.data.decode().rstrip("\n"), False) if text else (event.data[MBAP_AND_UNIT:].hex(), True)


@dataclass(frozen=True)
class Coverage:
    """Shapes of a driver's commands: checked against a source, only believed, and in no pair at all."""

    verified: frozenset[str]
    synthetic: frozenset[str]
    missing: frozenset[str]


def coverage(driver: str) -> Coverage:
    """How far the pairs of a driver cover what it sends in its transcripts (one for each of its views)."""
    pairs = load_pairs(driver)
    checked = {shape(pair.send, hex=pair.hex) for pair in pairs if not pair.synthetic}
    believed = {shape(pair.send, hex=pair.hex) for pair in pairs} - checked
    paths = [HERE / "transcripts" / f"{driver}.jsonl", *(HERE / "transcripts").glob(f"{driver}.*.jsonl")]
    sent = {shape(command, hex=pdu) for path in paths if path.exists() for command, pdu in commands(path)}
    return Coverage(frozenset(sent & checked), frozenset(sent & believed), frozenset(sent - checked - believed))


def _between(text: str, pattern: object) -> str:
    pieces, end = [], 0
    for match in _NUMBER.finditer(text):
        pieces += [re.escape(text[end : match.start()]), pattern(match)]
        end = match.end()
    return "".join([*pieces, re.escape(text[end:])])


if __name__ == "__main__":
    for file in sorted((HERE / "pairs").glob("*.jsonl")):
        found = coverage(file.stem)
        print(f"{file.stem}: {len(found.verified)} commands verified, {len(found.synthetic)} synthetic")
