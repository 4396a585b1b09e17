"""What the parts of a scene must agree on: names that refer to something, values that must differ.

The checks read the raw data, so that they report together with wrong keys and units, and they skip what is malformed.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rig.files.document import Finding
from rig.twin.bench.relays import RELAYS
from rig.twin.scene.defects.apply import misnamed
from rig.twin.scene.fault_checks import check_faults
from rig.twin.scene.models import MODELS

MAIN_CONTACTORS = ("energy_input", "load_line", "reverse_line")
OPTIONAL_CONTACTORS = ("feed_line", "neighbour_line", "second_return")
PROOF = "proof_line"  # has no cable of its own


def cross_check(data: Mapping[Any, Any]) -> Iterator[Finding]:
    """(path, sentence) for every disagreement."""
    bench = _mapping(data, "bench")
    yield from _contactors(bench)
    yield from _pilots(bench)
    yield from _transducers(bench)
    yield from _models(bench)
    yield from check_faults(bench)
    for path, sentence in misnamed(_mapping(data, "device", "defects")):
        yield ("device", "defects", *path), sentence


def _models(bench: Mapping[Any, Any]) -> Iterator[Finding]:
    for place, names in MODELS.items():
        model = _mapping(bench, "instruments", place).get("model")
        if isinstance(model, str) and model not in names:
            yield ("bench", "instruments", place, "model"), f"the twin has no {place} {model!r} ({_allowed(names)})"


def _contactors(bench: Mapping[Any, Any]) -> Iterator[Finding]:
    contactors, cables, taps = (_mapping(bench, *keys) for keys in (["contactors"], ["cables"], ["injector", "taps"]))
    for key, group in (("contactors", contactors), ("cables", cables)):
        for name in MAIN_CONTACTORS:
            if group and name not in group:
                yield ("bench", key), f"{name!r} is missing; every bench has {', '.join(MAIN_CONTACTORS)}"
    for name in OPTIONAL_CONTACTORS:
        for key, group, other in (("contactors", contactors, cables), ("cables", cables, contactors)):
            if other and name in group and name not in other:
                missing = "cables" if key == "contactors" else "contactors"
                yield ("bench", key, name), f"is not among the {missing} too"
    for tap in taps:
        if tap not in contactors:
            yield ("bench", "injector", "taps", tap), f"no contactor has this name ({_allowed(contactors)})"
    for name in contactors:
        if name not in (*MAIN_CONTACTORS, *OPTIONAL_CONTACTORS, PROOF, *taps):
            allowed = _allowed((*MAIN_CONTACTORS, *OPTIONAL_CONTACTORS, PROOF, *taps))
            yield ("bench", "contactors", name), f"switches nothing ({allowed})"
    for key in ("pilot", "aux"):
        yield from _unique(contactors, key)


def _pilots(bench: Mapping[Any, Any]) -> Iterator[Finding]:
    model, contactors = _mapping(bench, "instruments", "relays").get("model"), _mapping(bench, "contactors")
    channels = RELAYS.get(model, ()) if isinstance(model, str) else ()
    for name in contactors:
        pilot = _mapping(contactors, name).get("pilot")
        if channels and isinstance(pilot, int) and pilot not in channels:
            span = f"allowed: {channels[0]} to {channels[-1]}"
            yield ("bench", "contactors", name, "pilot"), f"{pilot} is no channel of a {model} ({span})"


def _transducers(bench: Mapping[Any, Any]) -> Iterator[Finding]:
    transducers = _mapping(bench, "transducers")
    for instrument in ("scope", "daq", "meter"):
        for channel, name in _mapping(bench, "channels", instrument).items():
            if name not in transducers:
                path = ("bench", "channels", instrument, channel)
                yield path, f"no transducer is named {name!r} ({_allowed(transducers)})"
    for name in transducers:
        given = {"ratio", "resistance", "inductance"} & set(_mapping(transducers, name))
        if given not in ({"ratio"}, {"resistance", "inductance"}):
            yield ("bench", "transducers", name), "write ratio (a divider), or resistance and inductance (a shunt)"


def _unique(contactors: Mapping[Any, Any], key: str) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for name in contactors:
        value = _mapping(contactors, name).get(key)
        if value is None:
            continue
        if str(value) in owners:
            yield ("bench", "contactors", name, key), f"{value!r} already belongs to {owners[str(value)]!r}"
        owners.setdefault(str(value), name)


def _allowed(names: Iterable[str]) -> str:
    return f"allowed: {', '.join(names)}"


def _mapping(data: Mapping[Any, Any], *keys: str) -> Mapping[Any, Any]:
    here: Any = data
    for key in keys:
        here = here.get(key) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else {}
