"""Errors of EA's series 9000 and 10000 as data, from the nominal values of a model.

Not verified: all errors. "The PSI 9080-510 3U [...] has a voltage tolerance of max. 0.1%, as stated in the user manual.
This is up to 80 mV", PGMBEN revision 24, page 14: the maker's own words for one model, taken for all; for the current
no page of the maker was found, and the figures are those commonly quoted for the series.
Resolution: as displayed and set, PSB 9000 3U operating manual, page 29 (from 10 V to 360 V and more, from 20 A to 360 A
and more; what lies between is put to the coarser step).
"""

from __future__ import annotations

from instruments.accuracy import Accuracy, Function
from instruments.records import Limits

_VOLTS = "not verified: what EA PGMBEN revision 24, page 14, says of a PSI 9080-510 3U"
_AMPS = "not verified: figures commonly quoted for the series"


def ea_accuracy(nominal: Limits) -> tuple[Accuracy, ...]:
    """Rows for setting and measuring voltage and current, each over its one range."""
    return (
        _row("set voltage", nominal.volts, 0.001, _VOLTS),
        _row("measure voltage", nominal.volts, 0.001, _VOLTS),
        _row("set current", nominal.amps, 0.002, _AMPS),
        _row("measure current", nominal.amps, 0.002, _AMPS),
    )


def _row(function: Function, full: float, part: float, source: str) -> Accuracy:
    return Accuracy(function, full, offset_frac_of_range=part, resolution=_step(function, full), source=source)


def _step(function: Function, full: float) -> float:
    if function.endswith("voltage"):
        return 0.01 if full <= 200.0 else 0.1
    return 0.001 if full <= 20.0 else 0.01 if full <= 240.0 else 0.1
