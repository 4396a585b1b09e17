"""Defects that no case is expected to catch, each with the reason: looked at one by one."""

from __future__ import annotations

from studies.catch.devices import Defective

__all__ = ["CANNOT", "EXEMPT", "HARMLESS", "left_out"]

EXEMPT = {
    "narrow-hysteresis": "on a stiff supply it flutters for milliseconds, before its port is on; no case records the "
    "current of the energy input",
    "looks-too-early": "at its default it keeps the maker's declared time and a second",
    "tireless-limiter": "a port may go on limiting; that it heats up shows in temperatures, which no case records",
    "over-export": "gives more to a load that asks for more; the cases of its clause ask for the rated current",
}
"""Defects that no case can catch yet although their clause has cases."""
UNTOLD = "its maker declares no register that says so: nobody reads it"
UNFELT = "its maker declares no register that tells how warm its port is"
UNHURT = "no converter in it has to start again: after 100 us it is back at once, and the guard does not see that"
HARMLESS = {
    "charge-controller": {
        "slow-overload blind-zone early-overload trips-only wearing-trip sometimes-blind "
        "sometimes-carries": "it limits its current",
        "nervous-trip short-filter": "an inrush of 1.75 x is limited before they act",
        "early-cut-off": "its maker declares that it needs 44 V",
        "waits-for-unload": "it never trips",
    },
    "ac-adapter": {
        "slow-overload blind-zone trips-only wearing-trip sometimes-blind sometimes-carries": "it limits its current",
        "nervous-trip": "an inrush of 1.75 x is limited before it acts",
        "false-trip-report": UNTOLD,
    },
    "poe-like": {
        "worn-switch": UNFELT,
        "trips-only wearing-trip sometimes-blind nervous-trip": "behind its fast trip it limits its current",
        "breaks-down-reversed": "nothing behind its switch conducts backwards: 11 mA at -54 V",
        "early-cut-off": "its maker declares that it needs 44 V",
        "false-trip-report": UNTOLD,
    },
    "tps2663-like": {
        "worn-switch": UNFELT,
        "trips-only wearing-trip sometimes-blind nervous-trip": "behind its fast trip it limits its current",
        "breaks-down-reversed": "nothing behind its switch conducts backwards: 10 mA at -58 V",
        "false-trip-report": UNTOLD,
    },
    "appliance": {
        "slow-recovery reboots-instead": "nothing that feeds it trips it",
        "breaks-down-reversed": "nothing behind its switch conducts backwards: 7 mA at -54 V",
        "meter-offset": "of what it takes the offset is 0.55 %",
    },
    "ac-inverter": {"slow-recovery reboots-instead": "nothing that feeds it trips it"},
    "grid-node": {
        "breaks-down-reversed": "nothing behind its switch conducts backwards: 2 mA at -54 V",
        "nervous-trip": "its fast trip still acts at 12.5 A, which a start of 2.5 x only just draws",
        "drains-the-grid": "its maker declares no sleep; what it drains is a load at another port",
    },
    "plain-load": {
        "slow-recovery": "it has no protection that trips",
        "small-input-capacitor": "a resistor needs none: it works again at once, and is looked at by periods of 20 ms",
    },
    "limiter": {
        "worn-switch": UNFELT,
        "slow-recovery hasty-retry latches-after looks-too-early restart-overshoot waits-for-unload "
        "tired-reference sometimes-stays-off": "it never trips",
        "port-capacitor": "its maker declares a larger peak",
        "false-trip-report": UNTOLD,
    },
    "small-battery": {
        "high-trip": "a short draws 417 A, which trips it at 400 A too",
        "slow-gate": "it lets 26 A2s through, and its maker declares 50 A2s",
        "port-capacitor": "the peak is 578 A, and its maker declares 600 A",
    },
    "ltc4368-like": {
        "worn-switch": UNFELT,
        "high-trip": "a short draws 229 A, which trips it at once, and its maker declares 300 A",
        "breaks-down-reversed": "nothing behind its switch conducts backwards: 11 mA at -54 V",
        "false-trip-report": UNTOLD,
    },
    "epever-like": {
        "worn-switch": UNFELT,
        "high-trip": "a short draws 458 A, which trips it in 93 us, and its maker declares 600 A",
        "small-input-capacitor": UNHURT,
        "false-trip-report": UNTOLD,
    },
    "libresolar-bms": {
        "worn-switch": UNFELT,
        "slow-gate": "it lets 12.8 A2s through, and its maker declares 15 A2s",
        "small-input-capacitor": UNHURT,
        "no-debounce": "its capacitor holds it above its guard for 3 ms",
        "false-trip-report": UNTOLD,
    },
    "bq769x2": {
        "worn-switch": UNFELT,
        "slow-gate": "it lets 7.7 A2s through, and its maker declares 15 A2s",
        "hasty-retry": "its second try finds the short again and latches: 2 of 5 tries",
        "small-input-capacitor": UNHURT,
        "false-trip-report": UNTOLD,
    },
    "libresolar-charge-controller": {
        "worn-switch": UNFELT,
        "hasty-retry": "a short latches it: it does not try again",
        "unfiltered-overvoltage": "4 V from peak to peak on its 54 V stay below its guard of 58.8 V",
        "small-input-capacitor": UNHURT,
        "false-trip-report": UNTOLD,
    },
}
"""What breaks no limit in a device, with the reason; figures as the cases of the clause measured them."""
SUPPLY = (
    "what it draws before it trips pulls the bench's supply, which stands for its cells or its neighbours, below what "
    "it needs: it takes a source of 400 A"
)
UP = "it lives on its own: nobody sees it start, and a port that is not up yet is NOT_TESTED"
NO_ROOM = "the bench's supply is protected at 58.5 V, which leaves no room for a ripple on its 55.2 V"
REVERSED = "it lives on its own: its voltage and a reversed source add up to more than 60 V, which no route may make"
CANNOT = {
    "small-battery": {
        "breaks-down-reversed dies-reversed reverse-leakage": REVERSED,
        "slow-undervoltage-return sticky-overvoltage": "nobody feeds its cells: it takes a battery emulator",
        "slow-start": UP,
        "latches-after": "what its cells could give in 30 s of a short is more heat than the injector bears",
    },
    "ac-adapter": {
        "breaks-down-reversed dies-reversed reverse-leakage": REVERSED,
        "dry-capacitor": "swings with constant power as fast as its loop of 2 kHz: the bench's takes 200 us",
    },
    "grid-node": {"late-trip late-when-warm high-trip trips-only wearing-trip sometimes-blind": SUPPLY},
    "ltc4368-like": {"late-trip late-when-warm trips-only wearing-trip sometimes-blind": SUPPLY},
    "libresolar-charge-controller": {
        "late-trip late-when-warm high-trip slow-gate": SUPPLY,
        "no-dead-band": "its store is at another port than the one that is tested",
    },
    "libresolar-bms": {
        "late-trip high-trip trips-only wearing-trip sometimes-blind": SUPPLY,
        "ripple-shy unfiltered-overvoltage": NO_ROOM,
        "sticky-overvoltage": "its cells are guarded at 59 V, and the bench's supply may be set to 58 V",
    },
    "epever-like": {"late-trip late-when-warm slow-gate": SUPPLY},
    "bq769x2": {"late-trip high-trip": SUPPLY, "ripple-shy": NO_ROOM},
}
"""What violates a clause in a device, and this bench has no way to show."""


def left_out(tested: Defective) -> bool:
    """Whether it is known of this defect in this device that no case can catch it."""
    name, device = tested.defect.name, tested.kind.device
    return name in EXEMPT or any(
        name in names.split() for listed in (HARMLESS, CANNOT) for names in listed.get(device, {})
    )
