"""What can go wrong with a record, said in one sentence each."""

from __future__ import annotations

__all__ = ["BrokenRun", "FolderRefused", "RecordError"]


class RecordError(Exception):
    """The record cannot be written; the run must not go on as if it were."""


class FolderRefused(RecordError):  # named for what happened, as all errors of the house
    """A run may not use this folder; nothing was written."""


class BrokenRun(Exception):  # as above
    """The run folder cannot be believed or understood as it stands; nothing is read from it."""
