"""What the twin offers, one line each: kinds of device, ready scenes, defects of a device, faults of a bench."""

from dataclasses import asdict, dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from rig.files.document import names, resolve
from rig.files.quantity import UNITS, format_quantity
from rig.twin.scene.defects.defect import Defect
from rig.twin.scene.defects.kept_aside import KEPT_ASIDE
from rig.twin.scene.defects.table import DEFECTS
from rig.twin.scene.device import Kind
from rig.twin.scene.faults import FAULTS

KINDS: dict[Kind, str] = {
    "charge_controller": "Panel into battery, and a grid port with droop by the battery's charge.",
    "battery": "Cells behind a switch that a management system opens.",
    "appliance": "An intelligent load in stages that come and go with the grid's voltage.",
    "load": "A load without intelligence: resistance, current or power.",
    "source": "A converter or a bare supply behind a port that bounds what it may give.",
    "ac_adapter": "Mains to 48 V, the AC side abstracted to a rectified link.",
    "ac_inverter": "48 V to mains, the AC side abstracted to a current with 100 Hz in it.",
    "grid_node": "Several ports on one bus, with line segments between.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A name and what it means; `clause` and `default` where there are any, a default as a scene writes it."""

    name: str
    line: str
    clause: str = ""
    default: str = ""


def catalogue() -> dict[str, list[Row]]:
    """Heading -> rows, in the order in which they are shown."""
    return {
        "Kinds of device": [Row(kind, line) for kind, line in KINDS.items()],
        "Ready devices (scenes)": [Row(name, _summary(resolve("scenes", name))) for name in names("scenes")],
        "Defects": [_row(one) for one in DEFECTS],
        "Defects kept aside, which no plan was written against": [_row(one.defect) for one in KEPT_ASIDE],
        "Faults of the bench": [
            Row(kind.name, f"{kind.does[0].upper()}{kind.does[1:]}.", default=_size(kind.default, kind.unit))
            for kind in FAULTS.values()
        ],
    }


def catalogue_json() -> dict[str, Any]:
    """All of it as plain data; a defect with its limit and where that comes from."""
    tables = catalogue()
    return {
        "schema": 1,
        "kinds": [{"name": row.name, "line": row.line} for row in tables["Kinds of device"]],
        "scenes": [{"name": row.name, "line": row.line} for row in tables["Ready devices (scenes)"]],
        "defects": [
            {
                "name": one.name,
                "line": one.line,
                "unit": one.unit,
                "default": one.default,
                "small": one.small,
                "clause": one.clause,
                "scenario": one.scenario,
                "limit": asdict(one.limit),
            }
            for one in DEFECTS
        ],
        "kept_aside": [
            {
                "name": one.defect.name,
                "line": one.defect.line,
                "unit": one.defect.unit,
                "default": one.defect.default,
                "clause": one.defect.clause,
                "limit": asdict(one.defect.limit),
                "devices": list(one.devices),
                "why": one.why,
            }
            for one in KEPT_ASIDE
        ],
        "bench_faults": [
            {
                "name": kind.name,
                "line": kind.does,
                "parts": list(kind.parts),
                "unit": kind.unit,
                "default": kind.default,
            }
            for kind in FAULTS.values()
        ],
    }


def _row(defect: Defect) -> Row:
    return Row(defect.name, defect.line, defect.clause, defect.default)


def _size(value: float | None, unit: str | None) -> str:
    if value is None or unit is None:
        return ""
    return f"{value:g}" if unit not in UNITS else format_quantity(value, unit)


def _summary(path: Path | Traversable) -> str:
    """The first sentence of the comment at the head of a scene file."""
    words: list[str] = []
    for text in path.read_text(encoding="utf-8").splitlines():
        if not text.startswith("#"):
            break
        words.append(text.lstrip("# "))
    sentence, dot, _ = " ".join(words).partition(". ")
    return sentence + dot.strip()
