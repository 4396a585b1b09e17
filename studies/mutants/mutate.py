"""Seeded ways in which a YAML file goes wrong: by its bytes, by its structure, by what it says."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import suppress

__all__ = ["KINDS", "mutant"]

Mutation = Callable[[random.Random, str], bytes]

NUMBERS = ("0", "-1", "1e308", "-1e400", "nan", "inf", ".inf", "-.inf", ".nan", "1_000", "0x10", "010", "1e-320", "--1")
UNITS = ("V", "A", "ohm", "s", "Hz", "m", "%", "kV", "µV", "V V", "degC", "A2s", "furlong", "")
ODD = (b"", b"\x00", b"\xff\xfe", b"\t", b"\r\n", b"\xc3", b"\x1b[31m", b"- ", b": ", b"#", b"\xef\xbb\xbf")
WORDS = (
    "null", "~", "true", "yes", "[]", "{}", "[null]", "!!python/object:os.system x", "!!binary aGk=", "!!set {a, b}",
    "!x y", "&a [*a]", "*nowhere", "2026-11-26", "1:30", "<<", "? x", "|", "> text", "'", '"', "@x", "`x", "%x",
    "{a: {b: {c: 1}}}", "../../x", "/dev/null", "=1+1", '"\\e[31m"', '"\\0"', "<script>", "x" * 5000, "ä", "\u202e",
    "twin", "TCPIP::1::INSTR",
)  # fmt: skip


def _bytes_flipped(draw: random.Random, text: str) -> bytes:
    data = bytearray(text.encode())
    for _ in range(draw.randint(1, 4)):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def _bytes_changed(draw: random.Random, text: str) -> bytes:
    data = bytearray(text.encode())
    first = draw.randrange(len(data))
    last = min(len(data), first + draw.randint(1, 40))
    what = draw.choice(
        (b"", b"\x00", b"\xff\xfe", b"\t", b"\r\n", b"\xc3", b"\x1b[31m", b"- ", b": ", b"#", b"\xef\xbb\xbf")
    )
    data[first : last if draw.random() < 0.5 else first] = what
    return bytes(data)


def _cut_short(draw: random.Random, text: str) -> bytes:
    return text.encode()[: draw.randrange(len(text.encode()))]


def _encoded_otherwise(draw: random.Random, text: str) -> bytes:
    how = draw.choice(("utf-16", "utf-32", "latin-1", "utf-8-sig", "cp437"))
    return text.encode(how, errors="replace")


def _lines_moved(draw: random.Random, text: str) -> bytes:
    lines = text.splitlines(keepends=True)
    here = draw.randrange(len(lines))
    match draw.randrange(4):
        case 0:
            del lines[here]
        case 1:
            lines.insert(draw.randrange(len(lines)), lines[here])
        case 2:
            lines[here] = "  " + lines[here]
        case _:
            other = draw.randrange(len(lines))
            lines[here], lines[other] = lines[other], lines[here]
    return "".join(lines).encode()


def _values(text: str) -> list[re.Match[str]]:
    return list(re.finditer(r"(?<=: )[^\s{}\[\],#][^{}\[\],#\n]*", text))


def _value_replaced(draw: random.Random, text: str) -> bytes:
    found = draw.choice(_values(text))
    return f"{text[: found.start()]}{draw.choice(WORDS)}{text[found.end() :]}".encode(errors="surrogatepass")


def _number_changed(draw: random.Random, text: str) -> bytes:
    found = [one for one in _values(text) if re.match(r"-?[0-9]", one.group())]
    one = draw.choice(found) if found else draw.choice(_values(text))
    new = f"{draw.choice(NUMBERS)} {draw.choice(UNITS)}".strip()
    return f"{text[: one.start()]}{new}{text[one.end() :]}".encode()


def _values_swapped(draw: random.Random, text: str) -> bytes:
    one, two = sorted(draw.sample(_values(text), 2), key=lambda found: found.start())
    return (
        f"{text[: one.start()]}{two.group()}{text[one.end() : two.start()]}{one.group()}{text[two.end() :]}"
    ).encode()


def _key_changed(draw: random.Random, text: str) -> bytes:
    found = draw.choice(list(re.finditer(r"[A-Za-z_0-9]+(?=: )", text)))
    new = draw.choice(("", "x", found.group() + "s", found.group()[:-1], "<<", "schema", "../x", "1", "null", "[a]"))
    return f"{text[: found.start()]}{new}{text[found.end() :]}".encode()


def _names_swapped(draw: random.Random, text: str) -> bytes:
    words = sorted(set(re.findall(r"\b[a-z]{2,}_?[a-z0-9]+\b", text)))
    one, two = draw.sample(words, 2)
    swap = {one: two, two: one}
    return re.sub(rf"\b({one}|{two})\b", lambda found: swap[found.group()], text).encode()


def _nested(draw: random.Random, text: str) -> bytes:
    match draw.randrange(3):
        case 0:
            deep = draw.choice((50, 500, 5000))
            return f"{text}x: {'[' * deep}{']' * deep}\n".encode()
        case 1:
            deep = draw.choice((50, 500, 2000))
            return f"{text}x: {'{a: ' * deep}1{'}' * deep}\n".encode()
        case _:
            rows = [
                f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9) if n else 'x'}]\n" for n in range(draw.randint(3, 12))
            ]
            return (text + "".join(rows)).encode()


KINDS: dict[str, Mutation] = {
    "bits flipped": _bytes_flipped,
    "bytes put in or out": _bytes_changed,
    "cut short": _cut_short,
    "another encoding": _encoded_otherwise,
    "lines moved": _lines_moved,
    "a value replaced": _value_replaced,
    "a number changed": _number_changed,
    "values exchanged": _values_swapped,
    "a key changed": _key_changed,
    "names exchanged": _names_swapped,
    "nested or repeated": _nested,
}


def mutant(draw: random.Random, text: str) -> tuple[str, bytes]:
    """Kind and content of a file made from a good one; now and then it went wrong twice."""
    kind = draw.choice(list(KINDS))
    made = KINDS[kind](draw, text)
    if draw.random() < 0.2:
        with suppress(ValueError, IndexError):  # what is no text any more cannot be edited as such
            made = KINDS[draw.choice(list(KINDS))](draw, made.decode())
    return kind, made
