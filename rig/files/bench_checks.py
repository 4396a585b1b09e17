"""References inside a bench file: every name that is used exists, every channel has one user.

These checks see the raw data, which may be wrong in any other way: what has the wrong shape is skipped here, because
the model reports it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rig.files.document import Finding
from rig.files.explain import choices, dotted
from rig.files.sizes import sizes

Path = tuple[str | int, ...]
PROVED_LINES = ("energy_input", "load_line", "feed_line")
REVERSE_LINE = "reverse_line"
PROVED_WITH_A_RECORDER = (REVERSE_LINE,)
NEIGHBOUR_LINE, SECOND_RETURN, GROUND_CURRENT = "neighbour_line", "second_return", "ground_current"
PROVED_SIGNALS = {
    "slow": ("port_voltage", "port_current", "injector_current", "input_voltage"),
    "fast": ("gate_voltage", "injector_current"),
}
"""What the bench proof feeds through, and looks at, by name."""
ALONE = ("port_voltage", "port_current", "injector_current", "gate_voltage")
"""What it looks at with the digitizer, where there is no recorder."""
READINGS = ("load.volts", "load.amps", "supply.volts", "supply.amps")


def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """(path, sentence) for each name that refers to nothing, each channel used twice and each impossible size."""
    yield from sizes(data)
    yield from _instruments(data)
    yield from _switching(data)
    yield from _amplifier(data)
    yield from _chamber(data)
    yield from _second_return(data)
    yield from _signals(data)
    yield from _topology(data)
    yield from _proof(data)


def _instruments(data: Mapping[Any, Any]) -> Iterator[Finding]:
    instruments = _section(data, "instruments")
    for role, name in _section(data, "roles").items():
        yield from _known(("roles", role), name, "instrument", instruments)
    if "device" in instruments:
        yield ("instruments", "device"), "the device's own link has this name: give the instrument another"
    if data.get("kind") == "hardware":
        for name, entry in instruments.items():
            if _mapping(entry).get("address") == "twin":
                yield ("instruments", name, "address"), "a hardware bench needs the instrument's address, not 'twin'"


def _switching(data: Mapping[Any, Any]) -> Iterator[Finding]:
    contactors = _section(data, "contactors")
    yield from _unique(
        [(("contactors", name, "pilot"), _mapping(item).get("pilot")) for name, item in contactors.items()]
    )
    yield from _unique([
        (("injector", "gate"), _section(data, "injector").get("gate")),
        (("interlock", "line"), _section(data, "interlock").get("line")),
        *((("contactors", name, "readback"), _mapping(item).get("readback")) for name, item in contactors.items()),
        (("series_switch", "control"), _section(data, "series_switch").get("control")),
        (("mains_switch", "control"), _section(data, "mains_switch").get("control")),
        (("amplifier", "control"), _section(data, "amplifier").get("control")),
    ])  # fmt: skip
    groups = [(("exclusive", index), set(_names(group))) for index, group in enumerate(_items(data.get("exclusive")))]
    lists = [(path, _items(data.get("exclusive"))[path[-1]]) for path, _ in groups]
    lists += [(("routes", name), route) for name, route in _section(data, "routes").items()]
    for path, members in lists:
        for index, name in enumerate(_items(members)):
            yield from _known((*path, index), name, "contactor", contactors)
        yield from _unique([((*path, index), name) for index, name in enumerate(_items(members))])
    for name, route in _section(data, "routes").items():
        for path, group in groups:
            clash = [member for member in _names(route) if member in group]
            if len(clash) > 1:
                yield ("routes", name), f"closes {' and '.join(clash)} together, which {dotted(path)} forbids"
    for section in (("injector", "taps"), ("cables",)):
        for name in _section(data, *section):
            yield from _known((*section, name), name, "contactor", contactors)


def _amplifier(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """It needs what it amplifies, and a place in the feed."""
    if "amplifier" not in data:
        return
    if "generator" not in _section(data, "roles"):
        yield ("amplifier",), "amplifies nothing: name the waveform generator in roles, as generator"
    if "series_switch" not in data:
        yield ("amplifier",), "lies behind the series switch, and this bench has none: describe it (series_switch)"


def _chamber(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """Its file and its controller belong together."""
    if ("chamber" in data) != ("chamber" in _section(data, "roles")):
        if "chamber" in data:
            yield ("chamber",), "has nobody to control it: name its controller in roles, as chamber"
        else:
            yield ("roles", "chamber"), "nobody knows what it can do: describe it (chamber)"


def _second_return(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """It leads from the neighbour, through a shunt of its own, and never while that or the supply is at the port."""
    contactors = _section(data, "contactors")
    if SECOND_RETURN not in contactors:
        return
    path = ("contactors", SECOND_RETURN)
    if "neighbour" not in _section(data, "roles"):
        yield path, "leads to nobody: name a second supply in roles, as neighbour"
    if "recorder" not in _section(data, "roles"):
        yield path, "has nobody who sees its current all the time: name a recorder in roles"
    if "slow" not in _section(data, "signals", GROUND_CURRENT):
        yield path, f"has nobody who sees its current: add a slow record of the signal {GROUND_CURRENT}"
    if SECOND_RETURN not in _section(data, "cables"):
        yield path, "has no resistance: describe its lead in cables"
    groups = [_names(group) for group in _items(data.get("exclusive"))]
    for other in (NEIGHBOUR_LINE, REVERSE_LINE):
        if other in contactors and not any({SECOND_RETURN, other} <= set(group) for group in groups):
            yield path, f"must never close together with {other}: write [{other}, {SECOND_RETURN}] under exclusive"


def _topology(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """Every contactor has its contacts in the topology, and none is there that the bench does not have."""
    if "topology" not in data:
        return
    contactors, contacts = _section(data, "contactors"), _section(data, "topology", "contacts")
    for name in contacts:
        yield from _known(("topology", "contacts", name), name, "contactor", contactors)
    for route in _section(data, "topology", "shared_buses"):
        yield from _known(("topology", "shared_buses", route), route, "route", _section(data, "routes"))
    if "neighbour" in _section(data, "roles") and "neighbour" not in _section(data, "topology"):
        yield ("topology",), "says nothing of the neighbour: name the nets of its plus and minus"
    lacking = [str(name) for name in contactors if name not in contacts]
    if lacking:
        yield ("topology", "contacts"), f"says nothing of {', '.join(lacking)}: name the nets that each contact joins"


def _proof(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """A bench that is to be proved has the parts that the proof asks for by name."""
    if "proof" not in data:
        return
    contactors, signals = _section(data, "contactors"), _section(data, "signals")
    recorded = "recorder" in _section(data, "roles")
    isolating = _section(data, "proof").get("contactor")
    yield from _known(("proof", "contactor"), isolating, "contactor", contactors)
    routed = {name for route in _section(data, "routes").values() for name in _names(route)}
    lines = (*PROVED_LINES, *(PROVED_WITH_A_RECORDER if recorded else ()))
    lines += (NEIGHBOUR_LINE,) if "neighbour" in _section(data, "roles") else ()
    if isolating in routed | {
        *PROVED_LINES,
        *PROVED_WITH_A_RECORDER,
        *_section(data, "injector", "taps"),
        *_section(data, "cables"),
    }:
        yield ("proof", "contactor"), f"{isolating!r} is part of a route: the one that takes the device off must not be"
    for name in lines:
        for section in ("contactors", "cables"):
            if name not in _section(data, section):
                yield ("proof",), f"needs {name!r} in {section}, which this bench does not have"
    for record, names in (PROVED_SIGNALS if recorded else {"fast": ALONE}).items():
        for name in names:
            if record not in _mapping(signals.get(name)):
                yield ("proof",), f"needs a {record} record of {name}, which this bench does not have"


def _signals(data: Mapping[Any, Any]) -> Iterator[Finding]:
    signals, transducers = _section(data, "signals"), _section(data, "transducers")
    for record in ("fast", "slow", "fed"):
        channels = {name: _mapping(_mapping(signal).get(record)) for name, signal in signals.items()}
        for name, channel in channels.items():
            if "transducer" in channel:
                yield from _known(
                    ("signals", name, record, "transducer"), channel["transducer"], "transducer", transducers
                )
        yield from _unique(
            [(("signals", name, record, "channel"), channel.get("channel")) for name, channel in channels.items()]
        )
    yield from _readings(data)
    for name, signal in signals.items():
        if isinstance(signal, Mapping) and not {"fast", "slow"} & signal.keys():
            yield ("signals", name), "is seen by no record; write fast, slow or both"
    reference = _section(data, "reference")
    best, wanted = reference.get("signal"), reference.get("record")
    yield from _known(("reference", "signal"), best, "signal", signals)
    offered = _mapping(signals.get(best)) if isinstance(best, str) else {}
    if offered and wanted in {"fast", "slow"} and wanted not in offered:
        yield ("reference", "record"), f"signal {best!r} has no {wanted} record"


def _readings(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """A bench without a recorder has read-backs in its slow record, one with a recorder its channels."""
    recorded, transducers = "recorder" in _section(data, "roles"), _section(data, "transducers")
    for name, signal in _section(data, "signals").items():
        for record in ("slow", "fed"):
            entry = _mapping(_mapping(signal).get(record))
            part, channel, full = (entry.get(key) for key in ("transducer", "channel", "range"))
            declared = _mapping(transducers.get(part)) if isinstance(part, str) else {}
            if not entry or not declared or not isinstance(channel, str):
                continue
            path = ("signals", name, record)
            reads = declared.get("kind") == "reading"
            if not recorded and (channel not in READINGS or not reads):
                told = f"one of {', '.join(READINGS)}, with a transducer of kind reading"
                yield (*path, "channel"), f"nobody is the recorder, so that this is {told}; or name a recorder in roles"
            elif recorded and reads:
                yield (
                    (*path, "transducer"),
                    f"{part!r} is a reading, and this bench has a recorder: name a transducer",
                )
            unit = declared.get("unit") if reads else "V"
            if isinstance(full, str) and full.strip()[-1:] in "VA" and full.strip()[-1:] != unit:
                yield (*path, "range"), f"{full!r} is not in {unit}, in which the channel counts"
            if reads and channel in READINGS and unit != {"volts": "V", "amps": "A"}[channel.partition(".")[2]]:
                yield (*path, "transducer"), f"{part!r} is in {unit}, and {channel} is not"


def _known(path: Path, name: Any, kind: str, among: Mapping[Any, Any]) -> Iterator[Finding]:
    if isinstance(name, str) and name not in among:
        yield path, f"unknown {kind} {name!r} ({choices(name, [str(known) for known in among])})"


def _unique(uses: list[tuple[Path, Any]]) -> Iterator[Finding]:
    first: dict[Any, Path] = {}
    for path, value in uses:
        if isinstance(value, str | int):
            if value in first:
                yield path, f"{value!r} is already used by {dotted(first[value])}"
            first.setdefault(value, path)


def _section(data: Mapping[Any, Any], *path: str) -> Mapping[Any, Any]:
    for part in path:
        data = _mapping(data.get(part))
    return data


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(value: Any) -> list[str]:
    return [name for name in _items(value) if isinstance(name, str)]
