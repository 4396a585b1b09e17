"""Reports: a run folder in, documents out. Nothing here measures, judges or looks anywhere but into the run folder."""

from reports.page import write_report

__all__ = ["write_report"]
