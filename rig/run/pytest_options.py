"""Options of pytest and its plugins that a run refuses, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    import pytest

__all__ = ["PARALLEL", "refused_markers", "refused_options"]

PARALLEL = "two processes cannot own one bench, so a plan runs in one process"
REPEAT = "each case is carried out once: a repeated one would hide how it went before"
LEAVE_OUT = (
    "cases are not chosen by what came of them in an earlier run; `rig run --resume` goes on with one that broke off"
)
REORDER = "the plan keeps its order, in which what may harm the device comes last"


@dataclass(frozen=True, slots=True)
class _Rule:
    option: str
    """Where pytest keeps it."""
    flags: tuple[str, ...]
    why: str
    harmless: tuple[object, ...] = (None, False, 0)


_RULES = (
    _Rule("numprocesses", ("-n", "--numprocesses"), PARALLEL),
    _Rule("dist", ("--dist", "-d"), PARALLEL, (None, "no")),
    _Rule("tx", ("--tx",), PARALLEL, (None, [])),
    _Rule("looponfail", ("--looponfail", "-f"), PARALLEL),
    _Rule("reruns", ("--reruns",), REPEAT),  # pytest-rerunfailures
    _Rule("force_flaky", ("--force-flaky",), REPEAT),  # flaky
    _Rule("retries", ("--retries",), REPEAT),  # pytest-retry
    _Rule("count", ("--count",), REPEAT, (None, 1)),  # pytest-repeat
    _Rule("lf", ("--lf", "--last-failed"), LEAVE_OUT),
    _Rule("stepwise", ("--sw", "--stepwise"), LEAVE_OUT),
    _Rule("stepwise_skip", ("--sw-skip", "--stepwise-skip"), LEAVE_OUT),
    _Rule("failedfirst", ("--ff", "--failed-first"), REORDER),
    _Rule("newfirst", ("--nf", "--new-first"), REORDER),
)
_MARKERS = {"flaky": REPEAT, "repeat": REPEAT}


def refused_options(
    given: argparse.Namespace | None, arguments: Sequence[str], *, recorded: bool
) -> list[tuple[str, str]]:
    """(option, reason) of each that is refused: what shares out the plan always, what repeats or drops cases on a
    recorded run. `arguments` are looked at for options that this pytest does not know, and are refused anyway.
    """
    found: dict[str, tuple[str, str]] = {}
    for rule in _RULES:
        if given is not None and hasattr(given, rule.option):
            asked = getattr(given, rule.option) not in rule.harmless and (recorded or rule.why is PARALLEL)
        else:
            asked = any(_is(argument, flag) for argument in arguments for flag in rule.flags)
        if asked:  # -n turns --dist on, and one word on sharing out is enough
            found.setdefault(PARALLEL if rule.why is PARALLEL else rule.option, (rule.flags[0], rule.why))
    return list(found.values())


def refused_markers(items: Sequence[pytest.Item]) -> list[tuple[str, str]]:
    """(node id, reason) of cases with a marker by which a plugin repeats them."""
    return [
        (item.nodeid, f"is marked `{name}`, and {why}")
        for item in items
        for name, why in _MARKERS.items()
        if item.get_closest_marker(name) is not None
    ]


def _is(argument: str, flag: str) -> bool:
    name, _, _ = argument.partition("=")
    return name == flag or (flag == "-n" and argument.startswith("-n") and argument[2:].isdigit())
