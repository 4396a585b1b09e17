"""What a recorded run needs, whose report may go to a customer; every other run is a development run and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.bench.certificates import transducer_covering
from rig.bench.clock import utc_today
from rig.files.transducers import Reading
from rig.measure import READ_BACK
from rig.run.chain import measuring_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rig.bench.certificates import Covering
    from rig.files.bench import Role
    from rig.run.setup import Setup
    from rig.run.stage import Stage

__all__ = ["development_reasons", "lacking", "uncovered"]

NOT_ASKED = "it was not begun with --recorded"


def development_reasons(setup: Setup) -> list[str]:
    """Why a run's report is not for a customer; empty for a recorded run."""
    return [] if setup.options.recorded else [NOT_ASKED, *lacking(setup)]


def lacking(setup: Setup) -> list[str]:
    """What a recorded run needs and this one does not have, as far as files and the command line tell."""
    found = []
    if setup.options.serial is None:
        found.append("no serial number of the device is given (--serial)")
    if not (setup.options.operator or "").strip():
        found.append("no operator is named (--operator)")
    return [*found, *_uncalibrated(setup), *([setup.build.unclean] if setup.build.unclean else [])]


def uncovered(stage: Stage) -> list[str]:
    """Channels and transducers without a valid certificate, now that the instruments have said who they are."""
    found = []
    for signal, name, row, channel in measuring_chain(stage):
        if channel.instrument.state != "valid":
            found.append(f"{name} at {row.range:g} V: {_why(channel.instrument)}")
        if channel.transducer.state != "valid" and READ_BACK not in channel.accuracy.flags:
            found.append(f"transducer of {signal}, {name}: {_why(channel.transducer)}")
    return list(dict.fromkeys(found))


def _uncalibrated(setup: Setup) -> Iterator[str]:
    bench, today = setup.bench, utc_today()
    # Roles whose readings verdicts rest on; without a recorder supply and load are the slow record.
    slow: tuple[Role, ...] = ("recorder",) if "recorder" in bench.roles else ("supply", "load")
    for role in ("digitizer", *slow):
        name = bench.roles[role]
        mine = [one.certificate for one in setup.certificates if one.certificate.instrument == name]
        if not mine:
            yield f"{name}, the {role}, has no certificate"
        elif not any(one.calibrated <= today <= one.due for one in mine):
            yield f"no certificate of {name}, the {role}, is valid today: {', '.join(one.number for one in mine)}"
    used = [part.transducer for signal in bench.signals.values() for part in (signal.fast, signal.slow) if part]
    used = [name for name in used if not isinstance(bench.transducers[name], Reading)]  # none stands in between
    for name in dict.fromkeys(used):
        covering = transducer_covering(setup.certificates, name, today)
        if covering.state != "valid":
            yield f"transducer {name}: {_why(covering)}"


def _why(covering: Covering) -> str:
    if covering.held is None:
        return "no certificate"
    return f"certificate {covering.held.certificate.number} does not hold: {covering.why}"
