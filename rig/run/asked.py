"""What a case with another stimulus does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rig.run.case import Case

__all__ = ["NotMeasurable", "asked_after"]


class NotMeasurable(Exception):
    """A measurement that a case with this stimulus does not have."""


def asked_after(case: Case, measurand: str, stimuli: tuple[type, ...]) -> None:
    """Raises NotMeasurable where the case has none of these stimuli."""
    if not isinstance(case.fault, stimuli):
        names = [one.__name__ for one in stimuli]
        words = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
        own = type(case.fault).__name__
        an = "an" if own[0] in "AEIO" else "a"
        raise NotMeasurable(f"{measurand} is measured after {words}, and {case.label} is {an} {own}.")
