"""From the defects that a scene names to the device that has them."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from pydantic import ValidationError

from rig.files.document import Finding, first_finding
from rig.files.quantity import READ
from rig.twin.scene.defects.change import Path, differences
from rig.twin.scene.defects.defect import Defect, DoesNotApply, unknown
from rig.twin.scene.defects.kept_aside import KEPT_ASIDE
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.device import Device

ALL = (*DEFECTS, *(one.defect for one in KEPT_ASIDE))
BY_NAME = {defect.name: defect for defect in ALL}


def misnamed(written: Mapping[object, object]) -> Iterator[Finding]:
    """(path below `defects`, sentence) for names that no defect has and magnitudes that cannot be read."""
    for name, magnitude in written.items():
        if name not in BY_NAME:
            yield (str(name),), unknown(name, list(BY_NAME))
        elif magnitude is not None:
            try:
                BY_NAME[str(name)].read(magnitude)
            except ValueError as error:
                yield (str(name),), str(error)


def chosen(written: Mapping[str, object]) -> dict[Defect, float]:
    """The defects and their magnitudes, in the order of the tables; null takes one away."""
    named = {BY_NAME[name]: BY_NAME[name].read(value) for name, value in written.items() if value is not None}
    return {defect: named[defect] for defect in ALL if defect in named}


def apply(device: Device, defects: Mapping[Defect, float]) -> tuple[Device, list[Finding]]:
    """The device with the defects, one after the other, and (path below `defects`, sentence) for all that is wrong:
    what this device cannot have, what changes the same value in two ways, and what another one has made impossible.
    """
    findings: list[Finding] = []
    changes: dict[Defect, dict[Path, object]] = {}
    for defect, magnitude in defects.items():
        try:
            changes[defect] = differences(device, defect.change(device, magnitude))
        except DoesNotApply as error:
            findings.append(((defect.name,), f"defect {defect.name!r} {error}"))
    clashing = set()
    for first, second in combinations(changes, 2):
        for place in _both(changes[first], changes[second]):
            text = f"defects {first.name!r} and {second.name!r} both change {place}; keep one of them"
            findings.append(((second.name,), text))
            clashing.add(second)
    for defect in changes:
        if defect in clashing:
            continue
        try:
            changed = defect.change(device, defects[defect])
        except DoesNotApply as error:
            findings.append(((defect.name,), f"defect {defect.name!r} {error}: the defects before it took that away"))
            continue
        if nonsense := _nonsense(changed):
            findings.append(((defect.name,), f"defect {defect.name!r} makes a device that cannot be: {nonsense}"))
        else:
            device = changed
    return device, findings


def _nonsense(device: Device) -> str | None:
    """The first thing that the models refuse of a device whose values were changed: where it is, and a sentence."""
    data = device.model_dump(by_alias=True)
    try:
        Device.model_validate(data, context=READ)
    except ValidationError as error:
        return first_finding(error, Device, data)
    return None


def _both(first: Mapping[Path, object], second: Mapping[Path, object]) -> Iterator[str]:
    """The first place that both change, each in its own way."""
    for one, value in first.items():
        for other, wanted in second.items():
            shared = min(len(one), len(other))
            if one[:shared] == other[:shared] and (one != other or value != wanted):
                yield ".".join(str(key) for key in one[:shared])
                return
