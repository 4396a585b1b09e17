"""Errors of EA's series 9000 and 10000 as data, from the nominal values of a model.

Voltage: "The PSI 9080-510 3U [...] has a voltage tolerance of max. 0.1%, as stated in the user manual. This is up to
80 mV", PGMBEN revision 24, page 14: 0.1 % of nominal, the maker's own words for one model of PSI 9000 3U; for all
others and for the current no page of the maker was found, and the figures are those commonly quoted for the series.
Resolution: PSB 9000 3U operating manual, page 29 (display and set values of models up to 80 V and of 30 to 90 A).
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.records import Limits

_VOLTS = "EA PGMBEN revision 24, page 14 (of a PSI 9080-510 3U; not verified for this model)"
_AMPS = "not verified: figures commonly quoted for the series"


def ea_accuracy(nominal: Limits) -> tuple[Accuracy, ...]:
    """Rows for setting and measuring voltage and current, each over its one range."""
    return (
        _row("set voltage", nominal.volts, 0.001, _VOLTS),
        _row("measure voltage", nominal.volts, 0.001, _VOLTS),
        _row("set current", nominal.amps, 0.002, _AMPS),
        _row("measure current", nominal.amps, 0.002, _AMPS),
    )


def _row(function: str, full: float, part: float, source: str) -> Accuracy:
    return Accuracy(function, full, offset_frac_of_range=part, resolution=0.01, source=source)
