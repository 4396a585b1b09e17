"""The second return in the bench proof: the neighbour into the known resistor that stands for the device's ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rig.bench.proof import Finding
from rig.files.bench_checks import GROUND_CURRENT, SECOND_RETURN
from rig.run.proof_supply import VOLTS, limit_of, set_low

if TYPE_CHECKING:
    from instruments.roles import Supply
    from rig.run.proof_hand import Hand

__all__ = ["second_return"]

CONTACTS = 3
"""That of the lead, those of its plug, and that of the changeover."""


def second_return(hand: Hand, neighbour: Supply) -> None:
    """5 V through it: its current by its own shunt and by the neighbour, nothing anywhere else, and nothing when off.

    A device whose signal ground is isolated takes no current, so that nothing but this shows that the lead leads there.

    Raises:
        ProofFault: naming the part.
    """
    step = f"{VOLTS:g} V of the neighbour through {SECOND_RETURN}"
    declared, lead = hand.declared, hand.bench.cables[SECOND_RETURN].resistance
    doubt, own = limit_of(neighbour.accuracy, "set voltage"), limit_of(neighbour.accuracy, "measure current")
    least = (VOLTS - doubt) / (declared.known * (1 + declared.tolerance) + lead + CONTACTS * declared.contacts)
    most = (VOLTS + doubt) / (declared.known * (1 - declared.tolerance) + lead)
    set_low(neighbour)
    hand.close(SECOND_RETURN)
    neighbour.output(True)
    hand.see(step, {GROUND_CURRENT: ((least + most) / 2, (most - least) / 2)})
    told = neighbour.measure().amps
    hand.judge([Finding(step, "neighbour's own current reading", told, least - own, most + own, "A")])
    neighbour.output(False)
    hand.see(f"neighbour off after {VOLTS:g} V through {SECOND_RETURN}", {})
