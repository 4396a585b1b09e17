"""Changing one value of a frozen model: the tools that defects are written with."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from rig.twin.scene.defects.defect import DoesNotApply
from rig.twin.scene.device import Device
from rig.twin.scene.ports import Port

Path = tuple[object, ...]
M = TypeVar("M", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)


def put(model: M, path: str, value: Any) -> M:
    """`model` with the value at the dotted `path` replaced; the models on the way must be there."""
    key, _, rest = path.partition(".")
    if key not in type(model).model_fields:
        raise KeyError(f"{type(model).__name__} has no {key!r}")
    return model.model_copy(update={key: put(getattr(model, key), rest, value) if rest else value})


def each_port(device: Device, needs: str, edit: Callable[[Port], Port | None]) -> Device:
    """`edit` done to all ports; one that lacks what the defect needs gives None, and one port must have it."""
    edited = {name: edit(port) for name, port in device.ports.items()}
    _require(needs, "port", edited)
    return device.model_copy(update={"ports": {name: edited[name] or port for name, port in device.ports.items()}})


def each_part(device: Device, needs: str, kind: type[P], edit: Callable[[P], P | None]) -> Device:
    """`edit` done to all parts of one kind; one that lacks what the defect needs gives None.

    What hangs at the node of a port is a neighbour on the grid, and stays as it is.
    """
    own = {name: part for name, part in device.parts.items() if getattr(part, "node", None) not in device.ports}
    edited = {name: edit(part) for name, part in own.items() if isinstance(part, kind)}
    _require(needs, "part", edited or dict.fromkeys(device.parts))
    changed = {name: part for name, part in edited.items() if part is not None}
    return device.model_copy(update={"parts": {**device.parts, **changed}})


def differences(before: object, after: object, path: Path = ()) -> dict[Path, object]:
    """Where two models differ: path to the new value. A list whose length changed differs as a whole."""
    pairs: list[tuple[object, object, object]]
    if isinstance(before, BaseModel) and type(before) is type(after):
        pairs = [(key, getattr(before, key), getattr(after, key)) for key in type(before).model_fields]
    elif isinstance(before, Mapping) and isinstance(after, Mapping) and before.keys() == after.keys():
        pairs = [(key, before[key], after[key]) for key in before]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = [(k, old, new) for k, (old, new) in enumerate(zip(before, after, strict=True))]
    else:
        return {} if before == after else {path: after}
    found: dict[Path, object] = {}
    for key, old, new in pairs:
        found |= differences(old, new, (*path, key))
    return found


def _require(needs: str, what: str, edited: Mapping[str, object]) -> None:
    if all(result is None for result in edited.values()):
        names = ", ".join(repr(name) for name in edited)
        plural = f"{what}s {names} have" if len(edited) > 1 else f"{what} {names} has"
        raise DoesNotApply(f"needs {needs}; {plural} none" if edited else f"needs {needs}; the device has no {what}s")
