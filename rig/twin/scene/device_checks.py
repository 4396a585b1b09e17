"""What the parts, ports and nodes of a device must agree on, and what its kind must have.

As `checks` they read the raw data and skip what is malformed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rig.files.document import Finding

Parts = Mapping[Any, Any]

# What a kind must have: one part of each of these groups of blocks, and the words for it.
NEEDS: dict[str, tuple[tuple[frozenset[str], str], ...]] = {
    "charge_controller": (
        (frozenset({"panel", "mains", "converter"}), "a panel or another source"),
        (frozenset({"battery"}), "a battery"),
    ),
    "battery": ((frozenset({"battery"}), "a battery"),),
    "appliance": ((frozenset({"stages", "load"}), "stages or a load"),),
    "load": ((frozenset({"load", "stages", "resistor", "inverter"}), "a load"),),
    "source": ((frozenset({"converter", "panel", "battery", "mains", "storage"}), "a converter or another source"),),
    "ac_adapter": ((frozenset({"mains"}), "a mains"), (frozenset({"converter"}), "a converter")),
    "ac_inverter": ((frozenset({"inverter"}), "an inverter"),),
    "grid_node": (),
}
GRID_NODE_PORTS = 2
GROUND = "0"
# What the elements and switches of a block (or port) are named: its own name, "_", and one of these to begin with.
ELEMENTS: dict[str, frozenset[str]] = {
    block: frozenset(words.split())
    for block, words in {
        "converter": "bleeder capacitor cc comp cv drain draw error fall floor freewheel leak limit off on pull rise "
        "set sink",
        "charger": "absorb absorbed end hold insulation track tracked",
        "storage": "bleeder capacitor export freewheel import",
        "battery": "build cell polarisation",
        "panel": "bypass knee leak light",
        "mains": "back inrush line link rectifier",
        "load": "fall insulation low",
        "stages": "insulation",  # and the number of a stage
        "inverter": "bridge insulation",
        "segment": "insulation",
        "port": "body breakdown capacitor detect fold folded forward leakage limit reverse sense switch",
    }.items()
}
# Nodes that parts make for themselves, after their own name.
AUXILIARIES = (
    *("set", "limit", "comp", "floor", "drain", "cell", "rectifier", "inrush", "line"),
    *("export_set", "export_limit", "import_set", "import_limit", "export_drain"),
)
PORT_AUXILIARY = "forward"
GROUPS = ("parts", "ports")
NAMED = ("block", "node", "a", "b", "source", "inside", "energy_in", "port")  # what is a name where it is well-formed
GROUND = "0"  # the device's minus


def device_checks(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """(path, sentence) for every disagreement within the device, and with where the bench is plugged in."""
    device = _mapping(data, "device")
    if not device:
        return
    parts, ports = ({name: _named(_mapping(device, key, name)) for name in _mapping(device, key)} for key in GROUPS)
    wired = _named(_mapping(data, "bench", "wiring"))
    # What is plugged into another device ("north.a") is its affair.
    wiring = {key: None if "." in str(node) else node for key, node in wired.items()}
    yield from _kind(device, parts, ports, wired=isinstance(wired.get("energy_in"), str))
    yield from _names(parts, ports, wiring)
    yield from _references(device, parts, ports, wiring)
    yield from _circles(parts)
    yield from _afloat(parts, ports, wiring)


def _kind(device: Mapping[Any, Any], parts: Parts, ports: Mapping[Any, Any], *, wired: bool) -> Iterator[Finding]:
    kind = device.get("kind")
    blocks = {_mapping(parts, name).get("block") for name in parts}
    for group, words in NEEDS.get(kind, ()) if isinstance(kind, str) else ():
        if wired and (kind in ("source", "charge_controller") or "battery" in group):
            continue  # the bench is its source, or stands in for its cells, which may be all that is connected
        if not group & blocks:
            yield ("device", "kind"), f"kind {kind} must have {words}: a part of block {' or '.join(sorted(group))}"
    if kind == "grid_node" and len(ports) < GRID_NODE_PORTS:
        yield ("device", "kind"), f"kind grid_node must have two ports at least, not {len(ports)}"


def _names(parts: Parts, ports: Mapping[Any, Any], wiring: Mapping[Any, Any]) -> Iterator[Finding]:
    nodes = _nodes(parts, ports)
    for name in parts:
        if name in ports or name in {wiring.get("energy_in"), wiring.get("port")}:
            yield ("device", "parts", name), "a port, or where the bench is plugged in, has this name; take another one"
        for auxiliary in AUXILIARIES:
            if (node := f"{name}_{auxiliary}") in nodes:
                yield ("device", "parts", name), f"keeps node {node!r} for itself; give that node another name"
    for name in ports:
        if (node := f"{name}_{PORT_AUXILIARY}") in nodes:
            yield ("device", "ports", name), f"keeps node {node!r} for itself; give that node another name"
    # The elements of a port that the bench is plugged in are named after the bench's place.
    plugged = {wiring.get("energy_in"), wiring.get("port")}
    owners = {name: _mapping(parts, name).get("block") for name in parts}
    owners |= {name: "port" for name in ports if name not in plugged}
    for group, names in zip(GROUPS, (parts, ports), strict=True):
        for name in names:
            for owner, block in owners.items():
                if _belongs(name, owner, block):
                    text = f"{owner!r} keeps names such as {name!r} for its own elements; take another name"
                    yield ("device", group, name), text


def _belongs(name: Any, owner: Any, block: Any) -> bool:
    """Is `name` one that an element of `owner` may have, or the beginning of one?"""
    if not (isinstance(block, str) and isinstance(name, str) and name.startswith(f"{owner}_")):
        return False
    word = name.removeprefix(f"{owner}_").split("_")[0]
    return word in ELEMENTS.get(block, ()) or (block == "stages" and word.isdecimal())


def _references(
    device: Mapping[Any, Any], parts: Parts, ports: Mapping[Any, Any], wiring: Mapping[Any, Any]
) -> Iterator[Finding]:
    there = _nodes(parts, ports)
    energy_in = wiring.get("energy_in")
    wanted: list[tuple[tuple[str, ...], Any]] = [
        (("device", "control", "node"), _mapping(device, "control").get("node")),
        *((("device", "ports", port, "inside"), _mapping(ports, port).get("inside")) for port in ports),
        *((("device", "parts", part, "source"), _mapping(parts, part).get("source")) for part in parts),
        *(
            (("device", "parts", part, "back_feed", "node"), _mapping(parts, part, "back_feed").get("node"))
            for part in parts
        ),
    ]
    for path, node in wanted:
        if isinstance(node, str) and node not in there and node != energy_in:
            yield path, f"no part and no port is at node {node!r} ({_allowed(there)})"
    for key in ("energy_in", "port"):
        node = wiring.get(key)
        if isinstance(node, str) and node not in there | _mentioned(wanted):
            yield ("bench", "wiring", key), f"the device has no node or port {node!r} ({_allowed(there)})"
    for name in parts:
        battery = _mapping(parts, name, "shift").get("battery")
        batteries = [other for other in parts if _mapping(parts, other).get("block") == "battery"]
        if battery is not None and battery not in batteries:
            where = ("device", "parts", name, "shift", "battery")
            yield where, f"no battery is named {battery!r} ({_allowed(batteries)})"


def _circles(parts: Parts) -> Iterator[Finding]:
    """A converter that is fed from its own output, at once or by way of others; a segment from a node to itself."""
    feeds: dict[Any, set[Any]] = {}
    for name in parts:
        part = _mapping(parts, name)
        if part.get("block") == "segment":
            if part.get("a") == part.get("b"):
                yield ("device", "parts", name), f"both ends are at node {part.get('a')!r}"
            for end, other in (("a", "b"), ("b", "a")):
                feeds.setdefault(part.get(end), set()).add(part.get(other))
        elif part.get("source") is not None:
            feeds.setdefault(part.get("source"), set()).add(part.get("node"))
    for name in parts:
        part = _mapping(parts, name)
        source, node = part.get("source"), part.get("node")
        if source is None or node is None:
            continue
        if source in _downstream(node, feeds):
            where = ("device", "parts", name, "source")
            yield where, f"is fed from its own output: node {node!r} leads back to {source!r}"


def _downstream(node: Any, feeds: Mapping[Any, set[Any]]) -> set[Any]:
    seen, todo = {node}, [node]
    while todo:
        new = feeds.get(todo.pop(), set()) - seen
        seen |= new
        todo += new
    return seen


def _afloat(parts: Parts, ports: Mapping[Any, Any], wiring: Mapping[Any, Any]) -> Iterator[Finding]:
    """Segments that hang on nothing but segments, what is between minus and minus, two plugs in one place."""
    plugs = [wiring.get(key) for key in ("energy_in", "port")]
    if plugs[0] is not None and plugs[0] == plugs[1]:
        text = f"both plugs of the bench are at {plugs[0]!r}; leave energy_in out, or name the node that is fed"
        yield ("bench", "wiring", "energy_in"), text
    segments = {name: _mapping(parts, name) for name in parts if _mapping(parts, name).get("block") == "segment"}
    held = {_mapping(parts, name).get(key) for name in parts if name not in segments for key in ("node", "source")}
    held |= {*ports, *plugs, *(_mapping(ports, name).get("inside") for name in ports)}
    ends: dict[Any, set[Any]] = {}
    for segment in segments.values():
        ends.setdefault(segment.get("a"), set()).add(segment.get("b"))
        ends.setdefault(segment.get("b"), set()).add(segment.get("a"))
    for name, segment in segments.items():
        a, b = segment.get("a"), segment.get("b")
        if isinstance(a, str) and isinstance(b, str) and not _downstream(a, ends) & held:
            yield ("device", "parts", name), f"floats: nothing else of the device hangs at {a!r} or {b!r}"
    for group, names in zip(GROUPS, (parts, ports), strict=True):
        for name in names:
            if name == GROUND:
                yield ("device", group, name), f"{GROUND!r} is the device's minus; take another name"
    for name in parts:
        for key in ("node", "source"):
            if _mapping(parts, name).get(key) == GROUND:
                yield ("device", "parts", name, key), f"{GROUND!r} is the device's minus; name the node of its plus"


def _nodes(parts: Parts, ports: Mapping[Any, Any]) -> set[str]:
    """Where something of the device hangs: the nodes of its parts, and its ports."""
    found = {_mapping(parts, part).get(key) for part in parts for key in ("node", "a", "b")}
    return {node for node in (*found, *ports) if isinstance(node, str)}


def _mentioned(wanted: Iterable[tuple[Any, Any]]) -> set[str]:
    return {node for _, node in wanted if isinstance(node, str)}


def _allowed(names: Iterable[str]) -> str:
    return f"allowed: {', '.join(sorted(str(name) for name in names)) or 'nothing'}"


def _named(entry: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Without what should be a name and is something else, which the models refuse."""
    return {key: value for key, value in entry.items() if key not in NAMED or value is None or isinstance(value, str)}


def _mapping(data: Mapping[Any, Any], *keys: Any) -> Mapping[Any, Any]:
    here: Any = data
    for key in keys:
        here = here.get(key) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else {}
