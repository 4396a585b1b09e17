"""The walls of the house: which room may import which (DESIGN section 3), and which may look at a clock."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
ROOMS = {
    "instruments": set(),
    "rig.files": set(),
    "rig.measure": set(),
    "rig.faults": {"rig.files"},
    "rig.standard": {"rig.files", "rig.measure"},
    "rig.bench": {"instruments", "rig.files"},
    "rig.scan": {"rig.bench", "instruments", "rig.files", "rig.companions"},
    "rig.doctor": {"rig.ownership", "rig.companions"},
    "rig.safety": {"rig.bench", "instruments"},
    "rig.device": {"instruments", "rig.files"},
    "rig.record": {"rig.measure", "rig.standard"},
    "rig.twin.engine": set(),  # usable alone
    # Reading YAML and units is shared, knowledge of benches and devices is not.
    "rig.twin": {"rig.files.document", "rig.files.quantity"},
    "rig.run": {
        "instruments", "rig.files", "rig.measure", "rig.faults", "rig.standard", "rig.bench", "rig.safety",
        "rig.record", "rig.device",
        "rig.ownership", "rig.twin.launch", "rig.waveforms", "testplans",
    },
    "rig.waveforms": {"rig.measure", "rig.record"},
    "reports": {"rig.record"},
    "testplans": {"rig.run", "rig.faults"},
}  # fmt: skip
OURS = ("rig", "instruments", "reports", "testplans")
CLOCKS = {
    "instruments/clock.py", "rig/bench/clock.py", "rig/twin/clock.py",
}  # fmt: skip
CLOCK_CALLS = {
    "sleep",
    "time",
    "time_ns",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "now",
    "utcnow",
}


def sources(room: str) -> list[Path]:
    return sorted((HOME / room.replace(".", "/")).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Absolute names of our own modules that a file imports, also lazily and for types."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {
                f"{node.module}.{alias.name}" for alias in node.names if node.module in {"rig", "rig.files", "rig.twin"}
            }
    return {name for name in found if name.split(".")[0] in OURS}


def within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room):
    allowed = ROOMS[room] | {room}
    strangers = [
        f"{path.relative_to(HOME)} imports {name}"
        for path in sources(room)
        for name in imported(path)
        if name not in {"rig", "rig.files", "rig.twin"} and not any(within(name, one) for one in allowed)
    ]
    assert strangers == []


def test_nothing_outside_the_clock_modules_looks_at_a_clock_or_sleeps():
    offenders = []
    for root in OURS:
        for path in sources(root):
            if str(path.relative_to(HOME)) in CLOCKS:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in CLOCK_CALLS
                ):
                    continue
                if (
                    isinstance(node.func.value, ast.Name)
                    and node.func.value.id in {"time", "datetime"}
                    and _imports_time(path)
                ):
                    offenders.append(f"{path.relative_to(HOME)}:{node.lineno}")
    assert offenders == []


def _imports_time(path: Path) -> bool:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module in {"time", "datetime"}:
            names.add(node.module)
    return bool(names & {"time", "datetime"})


def test_no_source_file_is_two_nouns():
    long = {
        str(path.relative_to(HOME)): count
        for root in OURS
        for path in sources(root)
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
