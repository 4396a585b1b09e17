"""A bench file read whole: what the model checks, each role fitting, each driver, address and option known."""

from __future__ import annotations

import re
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from instruments.address import VisaPlace, lock_key, modbus_place, scpi_place
from instruments.catalogue import FAMILIES, UnknownDriver, driver_options, load_driver
from rig.bench.abilities import SPARED, misfits
from rig.bench.equipment import ROLES
from rig.files import document
from rig.files.bench import Bench
from rig.files.explain import choices, wrong_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from instruments.catalogue import Family
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
            if role not in roles and role not in SPARED:
                yield ("roles", role), "missing: name the instrument that plays this role"
    instruments = data.get("instruments")
    entries = (
        {name: one for name, one in instruments.items() if isinstance(one, dict)}
        if isinstance(instruments, dict)
        else {}
    )
    drivers = {name: one["driver"] for name, one in entries.items() if isinstance(one.get("driver"), str)}
    if isinstance(roles, dict):
        cast = {role: name for role, name in roles.items() if isinstance(role, str) and isinstance(name, str)}
        for role, sentence in misfits(drivers, cast):
            yield ("roles", role), sentence
    yield from _addresses(entries)
    for name, driver in drivers.items():
        here, given = ("instruments", name), entries[name].get("options", {})
        if driver in FAMILIES and not given:
            continue  # each works without options, and to import all of them takes its time
        try:
            known = driver_options(load_driver(driver))
        except UnknownDriver as unknown:
            yield (*here, "driver"), str(unknown)
            continue
        if isinstance(given, dict):
            for option, sentence in _options(driver, known, given):
                yield (*here, "options", option), sentence


def _addresses(entries: Mapping[Any, Mapping[Any, Any]]) -> Iterator[Finding]:
    """An address that its driver's protocol cannot have, and a place that two entries name."""
    users: dict[str, str] = {}
    for name, entry in entries.items():
        address, family = entry.get("address"), FAMILIES.get(str(entry.get("driver")))
        if not isinstance(address, str) or address == "twin":
            continue
        here = ("instruments", name, "address")
        if family is not None and (sentence := _misspelt(address, family)) is not None:
            yield here, sentence
            continue
        first = users.setdefault(lock_key(address), name)
        if first != name:
            yield here, f"{address} is already used by instruments.{first}; one place is one instrument"


def _misspelt(address: str, family: Family) -> str | None:
    if family.speaks == "SCPI":
        if isinstance(scpi_place(address), VisaPlace) and not re.match(r"[A-Za-z]+\d*::", address):
            return f"{address!r} is no VISA resource, which a SCPI instrument needs: write TCPIP::host::port::SOCKET"
        return None
    try:
        modbus_place(address, family.port)
    except ValueError as error:
        return str(error)
    return None


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
