"""What of a case the rows of a limits file may be narrowed by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.faults import Overload, Short

if TYPE_CHECKING:
    from rig.faults import Prospective
    from rig.files.device import Port
    from rig.measure import Measurement
    from rig.run.case import Case

__all__ = ["facts_of"]


def facts_of(
    case: Case, port: Port, expected: Prospective, applied: Measurement | None, level: float | None
) -> dict[str, float]:  # fmt: skip
    """The applied multiple of the rated current, of a short the prospective one; or V of a level.

    applied: A that an overload really applied; level: V that the device was fed with otherwise.
    """
    if isinstance(case.fault, Short):
        return {"multiple": expected.peak_current / port.rated_current}
    if not isinstance(case.fault, Overload):
        return {"feed": level} if level is not None else {}
    current = expected.peak_current
    if port.protection.type == "trip":
        current = expected.steady_current  # no more than its own source gives
        # A port that had tripped before it could be read shows nothing of what was applied.
        if applied is not None and (applied.value or 0.0) > current / 2:
            current = applied.value or 0.0
    return {"multiple": current / port.rated_current}
