"""B&K Precision 8600 and 8500B, ITECH IT8500+: DC electronic loads of one design, two words apart.

Sources: "8600 Series Programming Manual" (B&K, 81 pages), pages 5, 22, 47; "IT8512A+ Programming Guide" (ITECH),
page 13 (questionable status); "8500B Series User Manual" (B&K), pages 33 and 34 (ratings, accuracy, modes); the IT8800
guide, the same design, as a public driver quotes it page by page with what its author measured on an IT8813; drivers
that say they ran on an 8514B, an 8600 and an IT8512A+.
Verified there: SYST:REM before anything is set (else -200), queries without it; CURRent:RANGe picks the range that
holds the value and sets levels *and slew* that the new range does not hold to its maximum; CURRent:SLEW in A/us, with
POSitive and NEGative on the 8600, RISE and FALL on the 8500B; INPut:SHORt; bits of STAT:QUES:COND? (0 VF: over-voltage
or reversed, 1 OC, 3 OP, 4 OT, 13 OV), latched until PROTection:CLEar; CURRent:SLEW? answers 0 whatever is set, and an
edge out of range is dropped without an entry in the error queue, so both are read back; no MEASure:POWer? (IT8800).
Choosing another mode opens the input of an 8500B (user manual, page 33).
Not verified: limits and accuracy of the 8600 models, limits of the IT8500+ (those of the 8500B of the same ratings),
accuracy of measuring, slew limits, and that clearing leaves an input off that was switched off before (done in that
order, and read back).
A short set while the input is off counts once it is on, in the order in which a driver that ran on an 8514B does it.
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.loads.page import LoadPage, Mode, Model, Setting, Span, Switch, Trips
from instruments.loads.scpi_load import ScpiLoadDriver
from instruments.records import Limits

_SIMILAR = "not verified: figures of the 8500B, which has the same ratings"
_MEASURED = "not verified: figures of an IT8512A+ as a public program gives them"
_MANUAL = "8500B Series User Manual (B&K Precision), specifications, pages 33 and 34"


def _model(
    pattern: str,
    volts: float,
    amps: float,
    watts: float,
    *,
    ohms: float = 0.05,
    verified: bool = False,
) -> Model:
    """Set-point accuracy: 0.05 % + 0.05 % of the current range, 0.05 % + 0.025 % of the high voltage range.

    Every level of constant current fits into the high range, which comes first, so there is no row for the low one.
    """
    source = _MANUAL if verified else _SIMILAR
    return Model(
        pattern=pattern,
        limits=Limits(volts, amps, watts),
        spans={
            "CC": (Span(f"{amps:g}", 0.0, amps),),
            "CR": (Span("", ohms, 7.5e3),),
            "CV": (Span(f"{volts:g}", 0.1, volts),),
            "CP": (Span("", 0.0, watts),),
        },
        slew=(1e3, 1e6),
        accuracy=(
            Accuracy(
                "set current",
                amps,
                gain_frac=0.0005,
                offset_frac_of_range=0.0005,
                resolution=0.001 if amps <= 30.0 else 0.01,
                models=pattern,
                source=source,
                verified=verified,
            ),
            Accuracy(
                "set voltage",
                volts,
                gain_frac=0.0005,
                offset_frac_of_range=0.00025,
                resolution=0.01,
                models=pattern,
                source=source,
                verified=verified,
            ),
            Accuracy(
                "measure current", amps, gain_frac=0.0005, offset_frac_of_range=0.0005, models=pattern, source=_MEASURED
            ),
            Accuracy(
                "measure voltage",
                volts,
                gain_frac=0.00025,
                offset_frac_of_range=0.00025,
                models=pattern,
                source=_MEASURED,
            ),
        ),
    )


def _page(family: str, maker: str, models: tuple[Model, ...], edges: tuple[str, str]) -> LoadPage:
    return LoadPage(
        family=family,
        maker=maker,
        models=models,
        modes={
            "CC": Mode(("FUNC CURR", "CURR:RANG {range}"), Setting("CURR {value:.4f}", ("CURR?",))),
            "CR": Mode(("FUNC RES",), Setting("RES {value:.3f}", ("RES?",), step=0.01)),
            "CV": Mode(("FUNC VOLT", "VOLT:RANG {range}"), Setting("VOLT {value:.3f}", ("VOLT?",), step=0.01)),
            "CP": Mode(("FUNC POW",), Setting("POW {value:.3f}", ("POW?",), step=0.01)),
        },
        function="FUNC?",
        input=Switch("INP {word}", "INP?", on="1", off="0"),
        measure_voltage="MEAS:VOLT?",
        measure_current="MEAS:CURR?",
        short=Switch("INP:SHOR {word}", "INP:SHOR?", on="1", off="0"),
        slew=tuple(
            Setting(f"CURR:SLEW:{edge} {{value:.4f}}", (f"CURR:SLEW:{edge}?",), factor=1e-6, step=100.0)
            for edge in edges
        ),
        von=Setting("VOLT:ON {value:.3f}", ("VOLT:ON?",), step=0.01),
        trips=Trips("STAT:QUES:COND?", {1: "OCP", 3: "OPP", 4: "OT", 13: "OVP", 0: "OVP or reversed"}, "PROT:CLE"),
        prologue=("SYST:REM",),
    )


BK_8600 = ScpiLoadDriver(
    _page(
        "B&K 8600, 8601 or 8610",
        r"B&K Precision",
        (
            _model(r"8600B?", 120.0, 30.0, 250.0),
            _model(r"8601B?", 120.0, 60.0, 250.0),
            _model(r"8610B?", 120.0, 120.0, 750.0),
        ),
        ("POS", "NEG"),
    )
)

ITECH_IT8500 = ScpiLoadDriver(
    _page(
        "IT8511+, IT8512+, IT8513C+, IT8514C+, B&K 8500B, 8510B, 8514B or 8542B",
        r"ITECH.*|B&K Precision",
        (
            _model(r"8542B", 150.0, 30.0, 150.0, verified=True),
            _model(r"8500B", 150.0, 30.0, 300.0, verified=True),
            _model(r"8510B", 120.0, 120.0, 600.0, verified=True),
            _model(r"8514B", 120.0, 240.0, 1500.0, verified=True),
            _model(r"IT8511A?\+", 150.0, 30.0, 150.0),
            _model(r"IT8512A?\+", 150.0, 30.0, 300.0),
            _model(r"IT8513C\+", 120.0, 120.0, 600.0),
            _model(r"IT8514C\+", 120.0, 240.0, 1500.0),
        ),
        ("RISE", "FALL"),
    )
)
