"""What was looked at, one by one, after the first pass: why a plan does not see a defect."""

from __future__ import annotations

__all__ = ["HARMLESS", "MISSED"]

HARMLESS: dict[tuple[str, str], str] = {}
"""(defect, device): the true figure that lies within the limit."""

MISSED: dict[str, str] = {}
"""By defect: why no case sees it, and what case would."""
