"""The certificates of a bench: read whole, each for a part that is there, and looked up for what is measured."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rig.files import document
from rig.files.certificate import Certificate, ChannelResult
from rig.files.document import BadFile, Mistake
from rig.files.explain import choices

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from importlib.resources.abc import Traversable

    from rig.files.bench import Bench

__all__ = ["Covering", "Held", "channel_covering", "load_certificates", "tap_covering", "transducer_covering"]

State = Literal["valid", "expired", "not covering", "none"]
SAME = 1e-6
"""Ranges this close are one range, relative."""


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate and the file it stands in."""

    certificate: Certificate
    file: str
    sha256: str

    @property
    def source(self) -> str:
        """How a budget names it."""
        return f"certificate {self.certificate.number}, {self.certificate.laboratory}"


@dataclass(frozen=True, slots=True)
class Covering:
    """What stands behind one channel or transducer, and in a few words why it does not hold."""

    state: State
    held: Held | None = None
    result: ChannelResult | None = None
    why: str = ""


def load_certificates(bench: Bench, place: Path | Traversable) -> tuple[Held, ...]:
    """Every certificate that the bench file names, relative to it; an absolute path stands for itself.

    Raises:
        BadFile: all mistakes of all certificates: of their own, and parts or serial numbers the bench does not have.
    """
    held: list[Held] = []
    mistakes: list[Mistake] = []
    for name in bench.calibration.certificates:
        file: Path | Traversable = Path(name) if Path(name).is_absolute() else _beside(place, name)
        try:
            certificate = document.load(file, Certificate)
        except BadFile as bad:
            mistakes += bad.mistakes
            continue
        mistakes += [Mistake(document.display(file), 0, 0, path, text) for path, text in _misfits(certificate, bench)]
        held.append(Held(certificate, document.display(file), hashlib.sha256(file.read_bytes()).hexdigest()))
    if mistakes:
        raise BadFile(mistakes)
    return tuple(held)


def channel_covering(
    held: Sequence[Held], instrument: str, serial: str, channel: str, span: float, today: dt.date
) -> Covering:
    """The certificate behind one range of an instrument's channel; `serial` is that of the instrument that answered.

    The latest calibration that names the channel and the range counts. `span` is the range's full value, V.
    """
    mine = [one for one in held if one.certificate.instrument == instrument]
    if not mine:
        return Covering("none")
    same = [one for one in mine if one.certificate.serial == serial]
    if not same:
        said = ", ".join(sorted({one.certificate.serial for one in mine}))
        return Covering("not covering", mine[-1], why=f"it is for serial number {said}, and {serial} answers")
    found = [
        (one, result)
        for one in same
        for result in one.certificate.channels or ()
        if result.channel in (None, channel) and abs(result.range - span) <= SAME * span
    ]
    if not found:
        return Covering("not covering", same[-1], why=f"it has no results for channel {channel} at {span:g} V")
    one, result = max(found, key=lambda pair: pair[0].certificate.calibrated)
    return _dated(one, result, today)


def tap_covering(held: Sequence[Held], tap: str, today: dt.date) -> Covering:
    """The certificate behind a tap of the injector; the latest calibration counts."""
    mine = [one for one in held if one.certificate.tap == tap]
    return _dated(max(mine, key=lambda one: one.certificate.calibrated), None, today) if mine else Covering("none")


def transducer_covering(held: Sequence[Held], transducer: str, today: dt.date) -> Covering:
    """The certificate behind a transducer; the latest calibration counts."""
    mine = [one for one in held if one.certificate.transducer == transducer]
    if not mine:
        return Covering("none")
    return _dated(max(mine, key=lambda one: one.certificate.calibrated), None, today)


def _dated(one: Held, result: ChannelResult | None, today: dt.date) -> Covering:
    certificate = one.certificate
    if today < certificate.calibrated:
        return Covering("not covering", one, None, f"it is of {certificate.calibrated}, after this measurement")
    if today > certificate.due:
        return Covering("expired", one, result, f"it was due on {certificate.due}")
    return Covering("valid", one, result)


def _misfits(certificate: Certificate, bench: Bench) -> list[tuple[str, str]]:
    named = {"instrument": certificate.instrument, "transducer": certificate.transducer, "tap": certificate.tap}
    kind = next(kind for kind, name in named.items() if name is not None)
    holders: dict[str, Mapping[str, object]] = {
        "instrument": bench.instruments, "transducer": bench.transducers, "tap": bench.injector.taps,
    }  # fmt: skip
    parts = holders[kind]
    if certificate.subject not in parts:
        known = choices(certificate.subject, list(parts))
        return [(kind, f"bench {bench.name} has no {kind} {certificate.subject!r} ({known})")]
    found = []
    part = parts[certificate.subject]
    serial = getattr(part, "serial", None)
    if serial is not None and serial != certificate.serial:
        found.append(("serial", f"is {certificate.serial!r}, and the bench file's {certificate.subject} is {serial!r}"))
    if kind == "transducer" and getattr(part, "kind", "") != ("shunt" if certificate.resistance else "divider"):
        what = "a resistance" if certificate.resistance else "a ratio"
        found.append((kind, f"{certificate.subject} is a {getattr(part, 'kind', '')}, which has not {what}"))
    return found


def _beside(place: Path | Traversable, name: str) -> Path | Traversable:
    if isinstance(place, Path):
        return place.parent / name
    return Path(str(place)).parent / name
