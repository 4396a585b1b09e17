"""Keysight N6700 mainframes (N6700/N6701/N6702/N6705) with DC power modules: an output is a slot, 1 to 4.

Sources: N6701C and N6705C Operating and Service Guides (pages 309 and 350: status registers), N6900/N7900 guide
page 251 (OUTP:PROT:CLE restores the output to its state before the trip; the same command set), public drivers for
SYST:CHAN:COUN?, SYST:CHAN:MOD? and the channel lists; N6705 Specifications Guide page 18 (N673xB, N674xB).
CURR:PROT:STAT ON trips at the current limit, as of the MP4300 guide page 109, which shares the command set. While a
protection keeps an output off, OUTP? still answers what was programmed; bit OFF of the operation register tells.
The module says what it can be set to (VOLT? MIN and MAX, ...); its power is from the table below, else V times A.
VOLT:SENS:SOUR is used on the N6705, which has the relays. Not verified on a device: that an N6700, wired with jumpers,
takes it too; and accuracy where it says so. A module's negative ranges are not used.
"""

from __future__ import annotations

from instruments.accuracy import Accuracy
from instruments.supplies.page import Ask, Rating, Setting, Status, SupplyPage, Switch, weights
from instruments.supplies.scpi_supply import ScpiSupplyDriver

GUIDE = "N6705 Specifications Guide p. 18 (resolution, temperature coefficient); error not verified: commonly quoted"
MODULES = "N67[34]5B"
WATTS = {"N673": 50.0, "N674": 100.0, "N675": 300.0, "N676": 100.0, "N677": 300.0}
"""By series, [W]: never more than the module gives; the N6751A to N6756A and N6761A to N6766A differ."""
TRIPS = {1: "OVP", 2: "OCP", 4: "PF", 16: "OT", 64: "OVP", 512: "INH", 2048: "PROT"}
RELEASE = "OUTP:PROT:CLE (@{channel})"


def module_rating(ask: Ask, _model: str, channel: int) -> Rating:
    """What the module in slot `channel` can be set to, by itself."""
    if not 1 <= channel <= int(ask("SYST:CHAN:COUN?")):
        raise LookupError(channel)

    def span(command: str) -> tuple[float, float]:
        least, most = (float(ask(f"{command}? {word},(@{channel})")) for word in ("MIN", "MAX"))
        return least, most

    module = ask(f"SYST:CHAN:MOD? (@{channel})").strip()
    (least_volts, volts), (least_amps, amps), ovp = span("VOLT"), span("CURR"), span("VOLT:PROT")
    watts = WATTS.get(module[:4], volts * amps)
    return Rating(
        volts, amps, min(watts, volts * amps), ovp,
        least_volts=max(least_volts, 0.0), least_amps=max(least_amps, 0.0), model=module,
    )  # fmt: skip


PAGE = SupplyPage(
    family="Keysight N6700",
    models="N670[0125][ABC]",
    rating=module_rating,
    voltage=Setting("VOLT {value:.4f},(@{channel})", "VOLT? (@{channel})"),
    current=Setting("CURR {value:.4f},(@{channel})", "CURR? (@{channel})"),
    output=Switch("OUTP {word},(@{channel})", "OUTP? (@{channel})"),
    measure_voltage="MEAS:VOLT? (@{channel})",
    measure_current="MEAS:CURR? (@{channel})",
    regulation=Status(
        "STAT:OPER:COND? (@{channel})", weights({4: "OFF", 1: "CV", 2: "CC", 512: "CP"}, otherwise="UNREGULATED")
    ),
    trips=(Status("STAT:QUES:COND? (@{channel})", weights(TRIPS)),),
    clear=dict.fromkeys(TRIPS.values(), RELEASE),
    ovp=Setting("VOLT:PROT {value:.4f},(@{channel})", "VOLT:PROT? (@{channel})"),
    trip_at_limit=Switch("CURR:PROT:STAT {word},(@{channel})", "CURR:PROT:STAT? (@{channel})"),
    remote_sense=Switch("VOLT:SENS:SOUR {word},(@{channel})", "VOLT:SENS:SOUR? (@{channel})", on="EXT", off="INT"),
    accuracy=(
        Accuracy(
            "set voltage", 60.0, gain_frac=0.001, offset_abs=60e-3, resolution=18e-3,
            tempco_frac_per_k=5e-5, tempco_abs_per_k=0.5e-3, models=MODULES, source=GUIDE,
        ),
        Accuracy(
            "measure voltage", 60.0, gain_frac=0.001, offset_abs=60e-3, resolution=30e-3,
            tempco_frac_per_k=1e-4, tempco_abs_per_k=0.5e-3, models=MODULES, source=GUIDE,
        ),
        Accuracy(
            "set current", 1.6, gain_frac=0.0015, offset_abs=5e-3, resolution=1e-3,
            tempco_frac_per_k=5e-5, tempco_abs_per_k=0.02e-3, models=MODULES, source=GUIDE,
        ),
        Accuracy(
            "measure current", 1.6, gain_frac=0.0015, offset_abs=4e-3, resolution=1e-3,
            tempco_frac_per_k=1e-4, tempco_abs_per_k=0.02e-3, models=MODULES, source=GUIDE,
        ),
    ),
)  # fmt: skip
DRIVER = ScpiSupplyDriver(PAGE)
