"""What a supply that can sink may take back: what the device is declared to give, and else nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from instruments.roles import SinkingSupply, Supply

__all__ = ["takes_back"]


def takes_back(supply: Supply, amps: float) -> None:
    """So much current and no more, A; 0 A is set too, since what another device was tested with is still there."""
    if "sink" in supply.capabilities:
        cast("SinkingSupply", supply).set_sink_current_limit(amps)
