"""A bench file read whole: what the model checks, each role played, each driver and option known."""

from __future__ import annotations

from inspect import Parameter
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from instruments.catalogue import FAMILIES, UnknownDriver, driver_options, load_driver
from rig.bench.equipment import ROLES
from rig.files import document
from rig.files.bench import Bench
from rig.files.explain import choices, wrong_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from rig.files.document import Finding

__all__ = ["load_bench"]


def load_bench(place: Path | Traversable | str) -> Bench:
    """The bench in a file; opens nothing. Raises BadFile with all mistakes at once."""
    return document.load(place, Bench, _roles_and_drivers)


def _roles_and_drivers(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """What this room knows better than the file's model; what has the wrong shape is the model's to report."""
    roles = data.get("roles")
    if isinstance(roles, dict):
        for role in ROLES:
            if role not in roles:
                yield ("roles", role), "missing: name the instrument that plays this role"
    instruments = data.get("instruments")
    for name, entry in instruments.items() if isinstance(instruments, dict) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("driver"), str):
            continue
        here, given = ("instruments", name), entry.get("options", {})
        if entry["driver"] in FAMILIES and not given:
            continue  # each works without options, and to import all of them takes its time
        try:
            known = driver_options(load_driver(entry["driver"]))
        except UnknownDriver as unknown:
            yield (*here, "driver"), str(unknown)
            continue
        if isinstance(given, dict):
            for option, sentence in _options(entry["driver"], known, given):
                yield (*here, "options", option), sentence


def _options(driver: str, known: Mapping[str, Parameter], given: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for option, value in given.items():
        if option not in known:
            yield option, f"driver {driver!r} has no option {option!r} ({choices(option, list(known))})"
        elif (sentence := _wrong(known[option].annotation, value)) is not None:
            yield option, sentence
    for option, parameter in known.items():
        if parameter.default is Parameter.empty and option not in given:
            yield option, f"driver {driver!r} needs this option"


def _wrong(kind: Any, value: Any) -> str | None:
    """What is wrong with a value for an option of this type; a plug-in's type that nobody can resolve says nothing."""
    if kind is Parameter.empty or isinstance(kind, str) or not isinstance(value, str | int | float | bool):
        return None
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError as error:
        return wrong_value(error)
    return None
