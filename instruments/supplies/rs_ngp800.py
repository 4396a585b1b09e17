"""Rohde & Schwarz NGP802, NGP804, NGP814, NGP822, NGP824: two or four outputs of 32 V, 20 A or 64 V, 10 A, 200 W each.

Sources: NGP800 User Manual 5601.5610.02 (-04 page 180 and -09 page 192 of the copies read: weights of the status
register, of which 1 is set in CC and 2 in CV), the maker's own Python driver RsNgx 3.1.0 (command spellings, ranges:
64.050 V, 20.010 A, least 0.5 mA), two public drivers for the channel lists. A query needs a space before its list.
The electronic fuse (FUSE) trips at the current limit, after FUSE:DEL, and has no level of its own.
Not verified on a device: which outputs of the NGP814 are the 64 V ones, whether a release restores the output, that
OUTP? answers 0 after a trip, and the accuracy figures. VOLT:SENS knows AUTO and EXT but no local sense: not offered.
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.supplies.page import Rating, Setting, Status, SupplyPage, Switch, listed, weights, words
from instruments.supplies.scpi_supply import ScpiSupplyDriver

SOURCE = "not verified: figures commonly quoted for the series"
_32V = Rating(32.05, 20.01, 200.0, ovp=(0.0, 32.05), least_amps=0.0005)
_64V = Rating(64.05, 10.01, 200.0, ovp=(0.0, 64.05), least_amps=0.0005)

PAGE = SupplyPage(
    family="R&S NGP800",
    models="NGP8[012][24]",
    rating=listed(
        {
            "NGP802": (_32V, _32V),
            "NGP804": (_32V, _32V, _32V, _32V),
            "NGP814": (_32V, _32V, _64V, _64V),
            "NGP822": (_64V, _64V),
            "NGP824": (_64V, _64V, _64V, _64V),
        }
    ),
    voltage=Setting("VOLT {value:.3f},(@{channel})", "VOLT? (@{channel})"),
    current=Setting("CURR {value:.4f},(@{channel})", "CURR? (@{channel})"),
    output=Switch("OUTP {word},(@{channel})", "OUTP? (@{channel})", on="1", off="0"),
    measure_voltage="MEAS:VOLT? (@{channel})",
    measure_current="MEAS:CURR? (@{channel})",
    regulation=Status("STAT:QUES:INST:ISUM{channel}:COND?", weights({1: "CC", 2: "CV"}, otherwise="OFF")),
    trips=(
        Status("VOLT:PROT:TRIP? (@{channel})", words({"0": None, "1": "OVP"})),
        Status("FUSE:TRIP? (@{channel})", words({"0": None, "1": "OCP"})),
        Status("STAT:QUES:INST:ISUM{channel}:COND?", weights({8: "OPP", 16: "OT"})),
    ),
    clear={
        "OVP": "VOLT:PROT:CLE (@{channel})",
        "OCP": "FUSE:TRIP:CLE (@{channel})",
        "OPP": "POW:PROT:CLE (@{channel})",
    },
    ovp=Setting(
        "VOLT:PROT:LEV {value:.3f},(@{channel})", "VOLT:PROT:LEV? (@{channel})", arm="VOLT:PROT 1,(@{channel})"
    ),
    trip_at_limit=Switch("FUSE {word},(@{channel})", "FUSE? (@{channel})", on="1", off="0"),
    accuracy=(
        Accuracy("set voltage", 64.0, gain_frac=0.0005, offset_abs=10e-3, resolution=1e-3, source=SOURCE),
        Accuracy("measure voltage", 64.0, gain_frac=0.0005, offset_abs=10e-3, resolution=1e-3, source=SOURCE),
        Accuracy("set current", 10.0, gain_frac=0.001, offset_abs=10e-3, resolution=0.5e-3, source=SOURCE),
        Accuracy("measure current", 10.0, gain_frac=0.001, offset_abs=10e-3, resolution=0.5e-3, source=SOURCE),
    ),
)
DRIVER = ScpiSupplyDriver(PAGE)
