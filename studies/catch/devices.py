"""Which devices there are to test, and which defects each can have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import testplans
from rig.twin.scene.defects.apply import apply
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.load import load_scene

__all__ = ["KINDS", "SHOWN_BY", "Defective", "Kind", "applicable", "inapplicable"]

SCENES = Path(testplans.__file__).parent / "scenes"


@dataclass(frozen=True, slots=True)
class Kind:
    """A simulated device as it is, and its maker's declaration.

    Clauses that it fails by what its maker documents, each with what that is and where it is written; none for a sound
    one.
    """

    scene: str
    device: str
    fails: tuple[tuple[str, str], ...] = ()

    @property
    def sound(self) -> bool:
        """Whether it keeps every limit."""
        return not self.fails

    @property
    def predicted(self) -> set[str]:
        """The clauses that it fails."""
        return {clause for clauses, _ in self.fails for clause in clauses.split()}


KINDS = (
    Kind("healthy", "reference"), Kind("current-limiter", "limiter"), Kind("poe-like", "poe-like"),
    Kind("plain-load", "plain-load", (
        ("PNP-01", "a relay joins its empty capacitors to the grid (declared as a deviation)"),
    )),
    Kind("appliance", "appliance"), Kind("ac-inverter", "ac-inverter"),
    Kind("small-battery", "small-battery"), Kind("charge-controller", "charge-controller"),
    Kind("ac-adapter", "ac-adapter"), Kind("grid-node", "grid-node"),
    Kind("tps2663-like", "tps2663-like", (
        ("SC-02", "tries again after 540 ms (TPS2660 data sheet), where IEEE 802.3 waits for 750 ms"),
    )),
    Kind("ltc4368-like", "ltc4368-like", (
        ("OC-01 OC-02 OC-04 SC-03 TMPR-01", "one threshold of 50 mV, without delay: 1 to 2 us (LTC4368 data sheet)"),
        ("SC-02", "tries again after 80 to 150 ms (data sheet)"),
        ("OC-03", "lets back what is less than 50 mV across its resistor, 6.25 A (data sheet)"),
        ("REC-01 REC-04 OC-05 UV-01 UV-02 DUMB-01 SCAL-03 OPN-01",
         "what load and capacitors draw at a start is above that threshold too"),
    )),
    Kind("libresolar-charge-controller", "libresolar-charge-controller", (
        ("UV-01 UV-04", "what low voltage has switched off comes back after 300 s (load.cpp)"),
        ("REC-01 REC-02 REC-03 REC-04 SC-04 SC-06 OC-05 DUMB-01",
         "a short latches until a reset or by hand (load.cpp)"),
        ("OC-01 OC-04 SC-03 TMPR-01",
         "looks 10 times a second, and has a thermal model of 5 s below twice its current (load.cpp)"),
        ("OC-02", "above twice its current it switches off at the next look (load.cpp)"),
        ("OC-03", "its load switch is one transistor, whose diode conducts back [our assumption]"),
    )),
    Kind("libresolar-bms", "libresolar-bms", (
        ("OC-01 SC-03", "over-current after 320 ms, short circuit above 2C after 195 us (bms_common.c, bq769x2.c)"),
        ("OC-02", "a start of 2.5 x is a short circuit to it (bms_common.c)"),
    )),
    Kind("epever-like", "epever-like", (
        ("OC-01 OC-04 SC-03 TMPR-01", "an overload below 4 x is off after seconds, in any air (LS-E, Tracer-AN)"),
        ("SC-04 SC-06", "off after five retries of 5 to 25 s, until a button or a night (manuals)"),
        ("OC-03", "its load switch is one transistor, whose diode conducts back [our assumption]"),
    )),
    Kind("bq769x2", "bq769x2", (
        ("OC-01", "over-current after 379.5 ms, which is early at 1.35 x (BQ769x2 manual, as it can be set)"),
        ("SC-04 SC-06 REC-03 REC-01", "latched by the second short within 10 s, also by its own second try (manual)"),
    )),
)  # fmt: skip
"""Those with one source port, which the plans test. Sources: makers' manuals and data sheets, github.com/LibreSolar."""


SHOWN_BY = {
    "dies-reversed": frozenset({"REC-01"}), "slow-limiter": frozenset({"OC-01"}),
    "rough-start": frozenset({"PNP-01", "SELV-01"}),
}  # fmt: skip
"""What shows by another clause: a port that is dead after a reversal does not come back, where a fast trip ends shorts
only an overload comes to the limiter, and what a consumer takes at its start is judged with its start, as is how its
capacitors ring."""


@dataclass(frozen=True, slots=True)
class Defective:
    """A device with one defect of this size, as a scene has it."""

    kind: Kind
    defect: Defect
    size: str | int = "default"

    @property
    def label(self) -> str:
        """For lists."""
        return f"{self.kind.device}, {self.defect.name} {self.size}"

    @property
    def clauses(self) -> frozenset[str]:
        """By any of which it shows: the one that it violates, and what SHOWN_BY has."""
        return SHOWN_BY.get(self.defect.name, frozenset()) | {self.defect.clause}

    @property
    def scene(self) -> str:
        """The text of its scene file."""
        return (
            f"schema: 1\nname: defective\nextends: {self.kind.scene}\n"
            f"device: {{defects: {{{self.defect.name}: {self.size}}}}}\n"
        )


def applicable(kind: Kind) -> Iterator[Defective]:
    """The defects that a device can have."""
    left_out = inapplicable(kind)
    return (Defective(kind, defect) for defect in DEFECTS if defect.name not in left_out)


def inapplicable(kind: Kind) -> dict[str, str]:
    """The defects that it cannot have, each with the twin's reason."""
    device, found = load_scene(SCENES / f"{kind.scene}.yaml").device, {}
    for defect in DEFECTS:
        _, findings = apply(device, {defect: defect.read("default")})
        if findings:
            found[defect.name] = findings[0][1].removeprefix(f"defect {defect.name!r} ")
    return found
