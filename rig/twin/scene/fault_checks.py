"""What the faults of a scene must agree on: each fits its part, has its magnitude, and contradicts no other.

As in `checks`, the raw data is read, and what is malformed is skipped: the model reports it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from rig.files.document import Finding
from rig.files.quantity import UNITS, QuantityError, parse
from rig.twin.scene.faults import FACTOR, FAULTS, INSTRUMENTS, Kind

TWO_POLES = ("energy_input", "reverse_line", "feed_line")
LINES = (*TWO_POLES, "load_line", "neighbour_line", "second_return")
SIGNED = ("drift_gain", "drift_offset", "sense_drift")


def check_faults(bench: Mapping[Any, Any], path: tuple[str | int, ...] = ("bench", "faults")) -> Iterator[Finding]:
    """(path, sentence) for everything that is wrong with `bench.faults`."""
    faults = bench.get("faults")
    known = parts(bench)
    taken: list[tuple[int, Kind, str, float, float]] = []
    for index, fault in enumerate(faults if isinstance(faults, list) else []):
        if not isinstance(fault, Mapping) or not isinstance(fault.get("fault"), str):
            continue
        here = (*path, index)
        kind = FAULTS.get(fault["fault"])
        if kind is None:
            yield (*here, "fault"), f"no fault is named {fault['fault']!r} ({_choices(fault['fault'], list(FAULTS))})"
            continue
        found = [*_part(kind, fault, known, here), *_other(kind, fault, known, here), *_rest(kind, fault, here)]
        yield from found
        if not found:
            yield from _contradictions(kind, fault, taken, here)


def parts(bench: Mapping[Any, Any]) -> dict[str, list[str]]:
    """Names of all parts that a fault can have, by their class."""
    contactors, channels = (_names(bench, key) for key in ("contactors", "channels"))
    wired = {instrument: _names(bench, "channels", instrument) for instrument in channels}
    return {
        "contactor": contactors,
        "pole": [f"{name}.{pole}" for name in TWO_POLES if name in contactors for pole in ("plus", "return")],
        "tap": _names(bench, "injector", "taps"),
        "cable": [name for name in LINES if name in _names(bench, "cables")],
        "injector": ["injector"],
        "series_switch": ["series_switch"] if isinstance(bench.get("series_switch"), Mapping) else [],
        "mains_switch": ["mains_switch"] if isinstance(bench.get("mains_switch"), Mapping) else [],
        "amplifier": ["amplifier"] if isinstance(bench.get("amplifier"), Mapping) else [],
        "chamber": ["chamber"] if isinstance(bench.get("chamber"), Mapping) else [],
        "interlock": ["interlock"] if isinstance(bench.get("interlock"), Mapping) else [],
        "transducer": _names(bench, "transducers"),
        "channel": [f"{instrument}.{channel}" for instrument, names in wired.items() for channel in names],
        **{name: [name] for name in INSTRUMENTS},
    }


def _part(
    kind: Kind, fault: Mapping[Any, Any], known: Mapping[str, list[str]], here: tuple[str | int, ...]
) -> Iterator[Finding]:
    part = fault.get("part")
    fitting = [name for part_class in kind.parts for name in known[part_class]]
    if isinstance(part, str) and part not in fitting:
        exists = any(part in names for names in known.values())
        problem = f"{kind.name} does not fit {part}" if exists else f"the bench has no part {part!r}"
        yield (*here, "part"), f"{problem} ({_choices(part, fitting)})"


def _other(
    kind: Kind, fault: Mapping[Any, Any], known: Mapping[str, list[str]], here: tuple[str | int, ...]
) -> Iterator[Finding]:
    part, other = fault.get("part"), fault.get("with")
    if not kind.pair:
        if other is not None:
            yield (*here, "with"), f"{kind.name} has one part alone; leave `with` away"
        return
    fitting = [name for part_class in kind.parts for name in known[part_class] if name != part]
    if kind.name == "channels_swapped" and isinstance(part, str):
        fitting = [name for name in fitting if name.partition(".")[0] == part.partition(".")[0]]
    if kind.name == "cables_swapped" and part == "load_line":
        fitting = ["energy_input"]  # with any other the terminals would be joined to themselves
    elif kind.name == "cables_swapped" and part != "energy_input":
        fitting = [name for name in fitting if name != "load_line"]
    if other is None:
        yield (*here, "with"), f"{kind.name} needs the other part ({_choices('', fitting)})"
    elif isinstance(other, str) and other not in fitting:
        yield (*here, "with"), f"{part} cannot be exchanged with {other!r} ({_choices(other, fitting)})"


def _rest(kind: Kind, fault: Mapping[Any, Any], here: tuple[str | int, ...]) -> Iterator[Finding]:
    """Magnitude, text and times."""
    yield from _size(kind, fault.get("size"), (*here, "size"))
    if kind.text and fault.get("text") is None:
        yield (*here, "text"), f"{kind.name} needs the text that the instrument answers"
    elif kind.text and fault.get("part") == "daq" and not re.fullmatch(r"[0-9]{1,9}", str(fault.get("text"))):
        yield (*here, "text"), "a T7's serial number is a whole number of up to nine digits"
    elif not kind.text and fault.get("text") is not None:
        yield (*here, "text"), f"{kind.name} has no text; leave it away"
    for key in ("at", "until"):
        if kind.wired and fault.get(key) is not None:
            yield (*here, key), f"{kind.name} is how the bench is wired, from the start and for good; leave {key} away"
    if kind.once and fault.get("until") is not None:
        yield (*here, "until"), f"{kind.name} ends by itself; leave until away"
    begin, end = _time(fault.get("at"), 0.0), _time(fault.get("until"), None)
    if begin is not None and end is not None and end <= begin:
        yield (*here, "until"), "must be later than at"


def _size(kind: Kind, size: Any, path: tuple[str | int, ...]) -> Iterator[Finding]:
    if kind.unit is None:
        if size is not None:
            yield path, f"{kind.name} has no magnitude; leave size away"
        return
    if size is None:
        if kind.default is None and not kind.text:
            yield path, f"{kind.name} needs a magnitude; write for example {UNITS[kind.unit].example!r}"
        return
    number = isinstance(size, int | float) and not isinstance(size, bool)
    if kind.unit == FACTOR:
        if not number:
            yield path, f"write a factor without unit, for example {kind.default:g}"
            return
        value = float(size)
    else:
        try:
            value = parse(size, kind.unit)
        except QuantityError as error:
            if number or _readable(size):  # what is no quantity at all the model reports
                yield path, str(error)
            return
    if kind.name == "drift_gain" and value <= -1.0:
        yield path, "must be above -100 %"
    elif value <= 0.0 and kind.name not in SIGNED:
        yield path, "must be above zero"


def _contradictions(
    kind: Kind, fault: Mapping[Any, Any], taken: list[tuple[int, Kind, str, float, float]], here: tuple[str | int, ...]
) -> Iterator[Finding]:
    """Of two faults that want one thing of one part at one time, the later is told of the earlier."""
    begin, end = _time(fault.get("at"), 0.0), _time(fault.get("until"), float("inf"))
    if begin is None or end is None:
        return
    mine = [name for name in (fault.get("part"), fault.get("with")) if isinstance(name, str)]
    for index, other, part, start, stop in taken:
        clash = [name for name in mine if _same(name, part)]
        if clash and other.aspect == kind.aspect and begin < stop and start < end:
            first = f"contradicts faults[{index}]: {part} is {other.name} at that time"
            yield here, f"{first}, and cannot be {kind.name} too"
    taken += [(int(here[-1]), kind, name, begin, end) for name in mine]


def _same(one: str, two: str) -> bool:
    """The same part, or a contactor and its own pole."""
    return one == two or one.startswith(f"{two}.") or two.startswith(f"{one}.")


def _time(text: Any, default: float | None) -> float | None:
    if text is None:
        return default
    try:
        return parse(text, "s")
    except QuantityError:
        return None


def _readable(size: Any) -> bool:
    return any(_parses(size, unit) for unit in UNITS)


def _parses(size: Any, unit: str) -> bool:
    try:
        parse(size, unit)
    except QuantityError:
        return False
    return True


def _choices(wrong: str, allowed: Sequence[str]) -> str:
    listing = f"allowed: {', '.join(allowed)}" if allowed else "nothing is allowed here"
    close = get_close_matches(wrong, allowed, n=1)
    return f"did you mean {close[0]!r}?; {listing}" if close else listing


def _names(data: Mapping[Any, Any], *keys: str) -> list[str]:
    here: Any = data
    for key in keys:
        here = here.get(key) if isinstance(here, Mapping) else None
    return [str(name) for name in here] if isinstance(here, Mapping) else []
