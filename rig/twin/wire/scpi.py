"""SCPI-99 grammar: which entry of a command table a header means, and how a message is cut into units.

A header pattern is written as manuals print it: capitals are the short form, brackets make a node optional, <n> is a
numeric suffix, as in `[:SOURce]:VOLTage[:LEVel]` or `:CHANnel<n>:SCALe`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_NODE = re.compile(r"(?P<open>\[)?:?(?P<name>\*?[A-Za-z_]+)(?P<suffix><n>)?(?P<close>\])?")
_TOKEN = re.compile(r"(?P<name>\*?[A-Za-z_]+)(?P<suffix>[0-9]*)\Z")

COMMAND_ERROR = -100
INVALID_CHARACTER = -101
SYNTAX_ERROR = -102
INVALID_SEPARATOR = -103
DATA_TYPE_ERROR = -104
PARAMETER_NOT_ALLOWED = -108
MISSING_PARAMETER = -109
UNDEFINED_HEADER = -113
SUFFIX_OUT_OF_RANGE = -114
INVALID_SUFFIX = -131
SUFFIX_NOT_ALLOWED = -138
EXECUTION_ERROR = -200
INVALID_WHILE_IN_LOCAL = -201
SETTINGS_CONFLICT = -221
OUT_OF_RANGE = -222
TOO_MUCH_DATA = -223
ILLEGAL_VALUE = -224
DATA_STALE = -230
QUEUE_OVERFLOW = -350
INPUT_OVERRUN = -363
INTERRUPTED = -410


class ScpiError(Exception):
    """What goes into an instrument's error queue; `code` as in SCPI-99 volume 2 chapter 21."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Node:
    """One keyword of a header pattern, in capitals."""

    long: str
    short: str
    optional: bool
    numbered: bool

    def takes(self, name: str, suffix: str) -> bool:
        return name in (self.long, self.short) and (self.numbered or not suffix)


@dataclass(frozen=True, slots=True)
class Unit:
    """One program message unit: its header from the root, whether it asks, its parameters, its header as written."""

    header: str
    query: bool
    parameters: tuple[str, ...]
    written: str = field(default="", compare=False)


def compile_header(pattern: str) -> tuple[Node, ...]:
    """The nodes of a header pattern. Raises ValueError for what is no pattern."""
    nodes = []
    end = 0
    for match in _NODE.finditer(pattern):
        name = match["name"]
        if match.start() != end or (match["open"] is None) != (match["close"] is None):
            break
        end = match.end()
        short = "".join(letter for letter in name if not letter.islower())
        nodes.append(Node(name.upper(), short, match["open"] is not None, match["suffix"] is not None))
    if end != len(pattern) or not nodes:
        raise ValueError(f"{pattern!r} is no SCPI header pattern")
    return tuple(nodes)


def match_header(nodes: Sequence[Node], header: str) -> tuple[int, ...] | None:
    """The numeric suffixes of `header` (colons at its start removed) if it is a spelling of `nodes`, else None.

    A suffix that is not written is 1, as SCPI-99 volume 1 section 6.2.5 says.
    """
    tokens = []
    for word in header.upper().split(":"):
        match = _TOKEN.match(word)
        if match is None:
            return None
        tokens.append((match["name"], match["suffix"]))
    return _match(nodes, tokens)


def _match(nodes: Sequence[Node], tokens: Sequence[tuple[str, str]]) -> tuple[int, ...] | None:
    if not nodes:
        return None if tokens else ()
    node, rest = nodes[0], nodes[1:]
    if tokens and node.takes(*tokens[0]):
        below = _match(rest, tokens[1:])
        if below is not None:
            return (int(tokens[0][1] or 1), *below) if node.numbered else below
    if node.optional:
        below = _match(rest, tokens)
        if below is not None:
            return (1, *below) if node.numbered else below
    return None


def split(text: str, separator: str) -> list[str]:
    """`text` cut at `separator` outside quotes and parentheses; the pieces are stripped."""
    if not any(letter in text for letter in "\"'("):
        return [piece.strip() for piece in text.split(separator)]
    pieces, start, quote, depth = [], 0, "", 0
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "()":
            depth += 1 if letter == "(" else -1
        elif letter == separator and not depth:
            pieces.append(text[start:index].strip())
            start = index + 1
    return [*pieces, text[start:].strip()]


def units(message: str, most: int = 0) -> Iterator[Unit]:
    """The units of a message, each header made absolute by the path of the one before (SCPI-99 volume 1, 6.2.4).

    Raises ScpiError at a unit that is no unit, and after `most` of them unless that is 0.
    """
    path = ""
    for count, piece in enumerate(filter(None, split(message, ";")), 1):
        if count > most > 0:
            raise ScpiError(TOO_MUCH_DATA)
        word, _, rest = piece.partition(" ")
        if "?" in word[:-1]:  # no space between a query and its parameters
            raise ScpiError(INVALID_SEPARATOR)
        query = word.endswith("?")
        header = word.removesuffix("?")
        if not header.strip(":"):
            raise ScpiError(SYNTAX_ERROR)
        if not header.startswith("*"):
            header = header[1:] if header.startswith(":") else path + header
            path = header[: header.rfind(":") + 1]
        parameters = tuple(split(rest, ",")) if rest.strip() else ()
        if "" in parameters:
            raise ScpiError(SYNTAX_ERROR)
        yield Unit(header, query, parameters, word.removesuffix("?"))
