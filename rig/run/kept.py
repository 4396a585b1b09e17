"""What the journal keeps of a shot beside its captures, and the shot made of both again."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from rig.faults import (
    Arc,
    BackFeed,
    Base,
    Carry,
    Charge,
    Chopper,
    Day,
    Draw,
    Dump,
    Interruption,
    Join,
    Level,
    Lifted,
    Meet,
    Metered,
    Motor,
    Outage,
    Overload,
    Prospective,
    Ramp,
    Rest,
    Reverse,
    Ripple,
    SecondReturn,
    Sharing,
    Short,
    SourceLoss,
    Start,
    Steps,
)
from rig.measure import Capture, Facts
from rig.record.plain import number, plain
from rig.run.case import Case, Window
from rig.run.counted import Reading
from rig.run.perform import Taken
from rig.run.shot import Shot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rig.faults import Fault
    from rig.files.device import Port
    from rig.files.limits import Limits
    from rig.measure import Record

__all__ = ["captured", "declaration", "declared", "kept", "rebuilt"]


def declaration(case: Case) -> dict[str, Any]:
    """Everything that a case declares, plain: two cases with the same one are the same case."""
    declared = {**asdict(case), "needs": sorted(case.needs)}
    return {"kind": type(case.fault).__name__, **plain(declared)}


def declared(told: Mapping[str, Any]) -> Case:
    """The case of a declaration. Raises KeyError, TypeError, ValueError for what is none."""
    fault = told["fault"]
    kinds: dict[str, Callable[[], Fault]] = {
        "Short": lambda: Short(f"{fault['resistance']!r} ohm"),
        "Overload": lambda: Overload(fault["multiple"], beside=fault.get("beside", False)),
        "Start": lambda: Start(None if fault["resistance"] is None else f"{fault['resistance']!r} ohm"),
        "Steps": lambda: Steps(tuple(fault["loads"])),
        "Draw": lambda: Draw(f"{fault['power']!r} W"),
        "Dump": Dump,
        "Day": lambda: Day(f"{fault['mean']!r} W", f"{fault['peak']!r} W"),
        "Carry": lambda: Carry(fault["told"]),
        "Level": lambda: Level(fault["told"], to_start=fault.get("to_start", False)),
        "Metered": lambda: Metered(fault["load"], None if fault["cut"] is None else f"{fault['cut']!r} s"),
        "Motor": lambda: Motor(fault["peak"]),
        "Ramp": lambda: Ramp(f"{fault['voltage']!r} V"),
        "Interruption": lambda: Interruption(f"{fault['duration']!r} s"),
        "Lifted": lambda: Lifted(fault["line"]),
        "Ripple": lambda: Ripple(f"{fault['peak_to_peak']!r} V", tuple(f"{one!r} Hz" for one in fault["hertz"])),
        "Arc": lambda: Arc(f"{fault['rms']!r} V"),
        "Chopper": lambda: Chopper(f"{fault['rms']!r} V"),
        "Outage": lambda: Outage(f"{fault['duration']!r} s"),
        "SecondReturn": lambda: SecondReturn(f"{fault['voltage']!r} V", f"{fault['current']!r} A"),
        "BackFeed": lambda: BackFeed(f"{fault['above']!r} V", dead=fault["dead"]),
        "SourceLoss": lambda: SourceLoss(fault["share"]),
        "Charge": lambda: Charge(tuple(fault["loads"])),
        "Sharing": lambda: Sharing(tuple(fault["loads"])),
        "Rest": Rest,
        "Join": Join,
        "Meet": lambda: Meet(f"{fault['higher']!r} V"),
        "Reverse": lambda: Reverse(f"{fault['voltage']!r} V", f"{fault['current']!r} A"),
    }
    window = told["window"]
    own: dict[str, Any] = {
        "fault": kinds[told["kind"]](), "base": Base(**told["base"]), "needs": frozenset(told["needs"]),
        "window": None if window is None else Window(**window),
        **{name: tuple(told.get(name, ())) for name in ("also", "declares")},
    }  # fmt: skip
    return Case(**own, **{one.name: told[one.name] for one in fields(Case) if one.name in told and one.name not in own})


def captured(taken: Taken, key: str) -> Capture:
    """The records of a case as what is measured."""
    return Capture(taken.records, Facts(case=key, applied={"spans": str(taken.spans)}))


def kept(shot: Shot) -> dict[str, Any]:
    """A shot without its captures, plain."""
    return {
        "prospective": plain(asdict(shot.taken.prospective)),
        "spans": plain(shot.taken.spans),
        "records": list(shot.taken.records),
        "level": shot.level,
        "fed_level": shot.fed_level,
        "doubts": list(shot.doubts),
        "files": dict(shot.files),
        "reports": dict(shot.taken.reports),
        "air": dict(shot.taken.air),
        "temperatures": list(shot.taken.temperatures),
        "parameters": plain(shot.taken.parameters),
        "readings": [plain(asdict(one)) for one in shot.taken.readings],
    }


def rebuilt(told: Mapping[str, Any], case: Case, port: Port, limits: Limits, load: Callable[[str], Record]) -> Shot:
    """The shot of a journal entry; `load` reads the record of a path.

    Raises:
        KeyError, TypeError, ValueError: the entry is not one that `kept` made.
        BrokenRun: a capture that cannot be read, from `load`.
    """
    files = {str(name): str(path) for name, path in told["files"].items()}
    records = {name: load(files[name]) for name in told["records"]}
    spans = {name: (float(begin), float(end)) for name, (begin, end) in told["spans"].items()}
    readings = [Reading(**{name: float(value) for name, value in one.items()}) for one in told.get("readings", ())]
    taken = Taken(
        _prospective(told["prospective"]), records, spans, readings=readings, reports=dict(told.get("reports", {})),
        temperatures=[float(degc) for degc in told.get("temperatures", ())],
        air={when: float(degc) for when, degc in told.get("air", {}).items()},
        parameters={when: dict(said) for when, said in told.get("parameters", {}).items()},
    )  # fmt: skip
    capture = captured(taken, told["case"])
    level, fed = float(told["level"]), number(told["fed_level"])
    return Shot(case, port, limits, capture, taken, level, fed, files, tuple(told["doubts"]))


def _prospective(told: Mapping[str, Any]) -> Prospective:
    floats = {field.name for field in fields(Prospective) if field.type in (float, "float")}
    values = {name: number(value) if name in floats else value for name, value in told.items()}
    return Prospective(**{**values, "refusals": tuple(told["refusals"])})  # type: ignore[arg-type]  # plain, checked above
