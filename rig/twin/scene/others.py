"""The other devices of a scene: whether what they are joined to is there."""

from collections.abc import Iterable, Iterator

from rig.twin.device.nodes import DEVICE
from rig.twin.scene.device import Device
from rig.twin.scene.model import Scene

Path = tuple[str, ...]


def others_checked(scene: Scene) -> Iterator[tuple[Path, str]]:
    """(path, sentence) for every joint, and every plug of the bench, that is not there."""
    yield from _joints(scene)
    yield from _plugs(scene)


def split(node: str) -> tuple[str, str]:
    """An other's name and its node; no name for the tested device's."""
    name, dot, own = node.partition(".")
    return (name, own) if dot else ("", node)


def nodes_of(device: Device) -> set[str]:
    """Where something of it hangs: its ports, and the nodes of its parts."""
    own = {getattr(part, key, None) for part in device.parts.values() for key in ("node", "a", "b")}
    return {*device.ports, *(node for node in own if isinstance(node, str))}


def _joints(scene: Scene) -> Iterator[tuple[Path, str]]:
    there, ports = {"": nodes_of(scene.device)}, {"": set(scene.device.ports)}
    taken: set[tuple[str, str]] = set()  # where a port of an other is: two would have the same elements
    for name, other in scene.others.items():
        own = nodes_of(other.device)
        if name == DEVICE:
            yield ("others", name), "the tested device has this name; take another one"
        for node, target in other.joined.items():
            if node not in own:
                yield ("others", name, "joined", node), f"it has no node or port {node!r} ({_allowed(own)})"
            at, its = split(target)
            if at not in there:
                known = _allowed(key for key in there if key)
                yield ("others", name, "joined", node), f"no other stands before it with the name {at!r} ({known})"
            elif its not in there[at]:
                yield ("others", name, "joined", node), f"nothing hangs at {target!r} ({_allowed(there[at])})"
            elif (node in other.device.ports and its in ports[at]) or (at, its) in taken:
                yield ("others", name, "joined", node), f"another port is at {target!r}: put a line (segment) between"
            if node in other.device.ports:
                taken.add((at, its))
        there[name], ports[name] = own, set(other.device.ports)


def _plugs(scene: Scene) -> Iterator[tuple[Path, str]]:
    wiring, others = scene.bench.wiring, scene.others
    for key in ("energy_in", "port", "other"):
        at, node = split(getattr(wiring, key) or "")
        if not at:
            continue
        device = others[at].device if at in others else None
        if device is None:
            yield ("bench", "wiring", key), f"no other has the name {at!r} ({_allowed(others)})"
        elif node not in nodes_of(device):
            yield ("bench", "wiring", key), f"{at} has no node or port {node!r} ({_allowed(nodes_of(device))})"
        elif node in others[at].joined:
            yield ("bench", "wiring", key), f"{at} is joined to {others[at].joined[node]!r} there: plug in at that"


def _allowed(names: Iterable[str]) -> str:
    return f"allowed: {', '.join(sorted(names)) or 'nothing'}"
