"""Every way in which the twin's bench can be wrong, part by part, and the words by which its part may be named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from rig.twin.scene.bench import Bench
from rig.twin.scene.faults import FAULTS, Kind

__all__ = ["AT_START_ONLY", "EXEMPT", "NOT_IN_RUNS", "Wrong", "wrong_benches"]

SIZES = {
    ("drift_gain", "scope"): "10 %", ("drift_offset", "scope.4"): "0.5 V", ("channel_noise", "scope.4"): "0.5 V",
    ("channel_noise", "scope.1"): "50 mV", ("drift_gain", "scope.4"): "15 %", ("drift_gain", "daq.AIN3"): "15 %",
    ("late_by_factor", ""): 300.0, ("contact_wear", ""): "50 mohm", ("contact_resistance", "tap_1"): "2 ohm",
    ("contact_resistance", "tap_2"): "0.6 ohm", ("contact_resistance", "tap_3"): "0.4 ohm",
    ("contact_resistance", "tap_4"): "0.2 ohm", ("contact_wear", "tap_1"): "2 ohm",
    ("contact_wear", "tap_2"): "0.6 ohm", ("contact_wear", "tap_3"): "0.4 ohm", ("contact_wear", "tap_4"): "0.2 ohm",
    ("tap_value", "tap_short"): "40 mohm",
    ("tap_value", "tap_1"): "21.5 ohm", ("tap_value", "tap_2"): "11.4 ohm", ("tap_value", "tap_3"): "7.5 ohm",
    ("tap_value", "tap_4"): "4.5 ohm", ("long_bounce", ""): "50 ms",
}  # fmt: skip
"""Where the fault's own size lies within the bench file's tolerances or the maker's limits, and is no wrong bench: by
kind and part, or the part's instrument."""
EXEMPT = {
    **dict.fromkeys(
        ("series_stuck_closed", "series_stuck_open", "series_one_shot_dead"),
        "the twin bench, which is proved here, has no series switch",
    ),
    "mains_stuck_closed": "the twin bench, which is proved here, has no mains switch",
    "amplifier_bypassed": "the twin bench, which is proved here, has no amplifier",
    "chamber_dead": "the twin bench, which is proved here, has no climate chamber",
    "late_by_wall": "holds replies back by the wall's clock, which virtual time does not see",
    "wrong_serial": "any serial number is right until a certificate names one; recorded runs refuse it",
}
SAME = {frozenset({"feed_line", "reverse_line"})}
"""Cables whose exchange is none: both lead from the supply's two poles to the same two nodes."""
NOT_IN_RUNS = frozenset({"one_shot_dead"})
"""Seen by `rig check` alone, which waits for it."""
AT_START_ONLY = frozenset({"welds", "reboots", "contact_wear"})
"""Kinds whose effect in a run comes with a later operation or is over before it is looked for."""
TEXT = {"wrong_identity": "ACME,Mark 1,1,1"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One wrong bench: a fault as a scene has it, and by which words its part may be named."""

    kind: str
    part: str
    other: str | None
    size: str | float | None
    names: tuple[str, ...]

    @property
    def text(self) -> str | None:
        """What an instrument with another name answers."""
        return TEXT.get(self.kind)

    @property
    def entry(self) -> dict[str, object]:
        """As scenes and the twin's truth socket take it."""
        found = {"fault": self.kind, "part": self.part, "with": self.other, "size": self.size, "text": self.text}
        return {key: value for key, value in found.items() if value is not None}

    @property
    def label(self) -> str:
        """For lists."""
        return " ".join(filter(None, (self.kind, self.part, self.other, self.size and str(self.size))))

    def named(self, said: str) -> bool:
        """Whether a sentence names the part."""
        plain = said.replace("_", " ")
        return any(name.replace("_", " ") in plain for name in self.names)


def wrong_benches(bench: Bench) -> Iterator[Wrong]:
    """All of them, on the twin bench, which is the one that is proved here: it has none of the optional parts."""
    parts = _parts(bench.with_parts(()))
    for kind in FAULTS.values():
        if kind.name in EXEMPT:
            continue
        found = [part for group in kind.parts for part in parts[group]]
        pairs = [(one, other) for one, other in combinations(found, 2) if _alike(one, other)] if kind.pair else []
        for part, other in pairs or ([(part, None) for part in found] if not kind.pair else []):
            if other is None or kind.name != "cables_swapped" or frozenset({part, other}) not in SAME:
                names = (*_names(part), *(_names(other) if other else ()))
                yield Wrong(kind.name, part, other, _size(kind, part), names)


def _parts(bench: Bench) -> dict[str, list[str]]:
    beyond = ("other_voltage", "mains_voltage", "input_current", "connector_temperature", "room_temperature")
    unseen = [name for name, one in bench.transducers.items() if one.senses in beyond]
    seen = [name for name in bench.transducers if name not in unseen]
    wired = [("scope", bench.channels.scope), ("daq", bench.channels.daq)]
    channels = [f"{who}.{one}" for who, of in wired for one, name in of.items() if name not in unseen]
    lines = list(bench.cables)
    poles = [f"{line}.{pole}" for line in lines if line != "load_line" for pole in ("plus", "return")]
    return {
        "contactor": list(bench.contactors), "pole": poles, "tap": list(bench.injector.taps), "cable": lines,
        "injector": ["injector"], "interlock": ["interlock"], "transducer": seen,
        "channel": channels, "series_switch": [], "mains_switch": [], "amplifier": [],
        "chamber": [],
        **{name: [name] for name in ("supply", "load", "relays", "daq", "scope")},
    }  # fmt: skip


def _alike(one: str, other: str) -> bool:
    """Two plugs are exchanged at one instrument."""
    return "." not in one or one.partition(".")[0] == other.partition(".")[0]


def _names(part: str) -> tuple[str, ...]:
    first, _, second = part.partition(".")
    known = {
        "scope": ("scope", "digitizer"), "daq": ("daq", "recorder", "monitor"), "injector": ("injector", "gate"),
        "interlock": ("safety chain",),
    }  # fmt: skip
    if second and first in {"scope", "daq"}:
        return (f"digitizer {second}" if first == "scope" else second,)
    return known.get(first, (first,))


def _size(kind: Kind, part: str) -> str | float | None:
    for key in ((kind.name, part), (kind.name, part.partition(".")[0]), (kind.name, "")):
        if key in SIZES:
            return SIZES[key]
    return None
