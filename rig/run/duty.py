"""Whether the bench did its part in a case: fed the device, drove no port to 60 V, kept its injector within its rating.

A rig whose own part gives way would judge itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rig import measure
from rig.faults import BackFeed, Lifted, Replay, Ripple, SecondReturn
from rig.run.conduct import misconduct
from rig.run.grounds import not_joined
from rig.run.noise_seen import NoiseSeen

if TYPE_CHECKING:
    from collections.abc import Callable

    from rig.files.bench import Injector
    from rig.measure import Measurement
    from rig.run.shot import Shot

__all__ = ["injector_at_fault", "injector_overload", "rig_overvoltage", "supply_gap"]

LEVEL_V, LEVEL_SHARE = 0.5, 0.03
"""By how much what feeds the device may lie off what was asked for: V, and of itself."""
SAG_V, SAG_SHARE = 1.5, 0.1
"""The same for the lowest point of a slow sag, at which nothing rests."""
INTERRUPTION_SHARE, INTERRUPTION_S = 0.2, 20e-6
"""By how much an interruption may last longer or shorter than asked for: of itself, and s."""
MAINS_S = 0.01
"""By how much the mains may be away for longer still: half a period, as of a relay that waits for a zero crossing."""
TONE_SHARE = 0.5, 1.2
"""Of a ripple's first frequency, what there must be at the device for it: less where it has a large capacitor."""
SEEN_S = 3e-3
"""An interruption that the recorder has to see in the feed's voltage, s."""
CARRIED_SHARE = 0.1
"""Of a consumer's rated current: more than that through an open switch is no interruption."""
SELV_V = 60.0
SUPPLY = "look at the supply and at its cable"


def supply_gap(shot: Shot) -> str | None:
    """Why the device cannot be said to have been fed as the case has it, all the time; None when it was."""
    fault, spans = shot.case.fault, shot.taken.spans
    if isinstance(fault, Replay):
        return NoiseSeen(shot, fault).gap()
    gaps: tuple[tuple[bool, Callable[[Shot], str | None]], ...] = (
        (bool(spans.keys() & {"level", "down"}), _other_level),
        ("interrupted" in spans, _interruption),
        ("away" in spans or (isinstance(fault, BackFeed) and fault.dead), _mains_gap),
        ("dark" in spans, _mains_return),
        (isinstance(fault, Ripple), _no_ripple),
        (isinstance(fault, Lifted), _still_joined),
    )
    seen = next((gap for so, gap in gaps if so), None)
    if seen is not None:
        return seen(shot)
    return (not_joined(shot) if isinstance(fault, SecondReturn) else None) or _sunk(shot)


def _sunk(shot: Shot) -> str | None:
    """The energy input must not have fallen below what the device needs."""
    span, trace = shot.taken.spans.get("fed"), shot.capture.trace("slow", shot.served.feed)
    if span is None or trace is None or shot.fed_level is None:
        return None
    lowest = float(trace.read(trace.slice(span)).min())
    if lowest >= shot.fed_level:
        return None
    least = f"its declared minimum of {shot.fed_level:g} V"
    return f"the energy input fell to {lowest:.2f} V, below {least}; {SUPPLY}"


def _still_joined(shot: Shot) -> str | None:
    """A line that was lifted, at the feed or at the port, leaves nothing that flows at the port in the end."""
    begin, end = shot.taken.spans["off"]
    trace = shot.capture.trace("slow", "port_current")
    if trace is None:
        return "nobody saw the current of the port while its line was lifted (by the recorder)"
    amps = abs(float(trace.read(trace.slice(((begin + end) / 2, end))).mean()))
    if amps <= CARRIED_SHARE * shot.port.rated_current:
        return None
    return f"the port carried {amps:.3g} A with a line lifted that it takes; look at the line's contactor"


def _no_ripple(shot: Shot) -> str | None:
    """Its lowest frequency must have been there, as far as a device lets it; the same path has all others."""
    fault, span = shot.case.fault, shot.taken.spans.get("first tone")
    trace = shot.capture.trace("slow", shot.served.feed)
    assert isinstance(fault, Ripple)
    if span is None or trace is None or 1.0 / trace.dt < 10 * fault.hertz[0]:
        return f"nobody saw whether a ripple was there ({shot.served.feed.replace('_', ' ')})"
    values = trace.read(trace.slice(((span[0] + span[1]) / 2, span[1])))
    turns = np.exp(-2j * np.pi * fault.hertz[0] * trace.dt * np.arange(values.size))
    seen = 4.0 * abs(complex(((values - values.mean()) * turns).mean()))  # from peak to peak
    least, most = (share * fault.peak_to_peak for share in TONE_SHARE)
    if least <= seen <= most:
        begin, end = shot.taken.spans["rippled"][0], shot.taken.spans["after"][1]
        was, now = (float(trace.read(trace.slice((t - 0.2, t))).mean()) for t in (begin, end))
        if abs(now - was) <= max(LEVEL_V, LEVEL_SHARE * was):
            return None
        return f"the feed stood at {was:.2f} V before the ripple, and at {now:.2f} V after it; {SUPPLY}"
    asked = f"{fault.peak_to_peak:g} V of {fault.hertz[0]:g} Hz from peak to peak"
    return f"the feed was to have {asked}, and had {seen:.3g} V; look at the amplifier, its bypass and the generator"


def _mains_gap(shot: Shot) -> str | None:
    """Where the device lives on the mains, that must have been away for as long as asked, by its image."""
    if shot.fed_level is not None:
        return None
    spans = shot.taken.spans
    span = spans["away"] if "away" in spans else spans["back fed"]
    asked = shot.case.hold_s if "away" in spans else span[1] - span[0]
    trace = shot.capture.trace("slow", "mains_voltage")
    if trace is None:
        return "nobody saw whether the mains was away (mains voltage)"
    there = float(np.nanmax(np.abs(trace.read(slice(None)))))
    gone = int(np.count_nonzero(np.abs(trace.read(trace.slice(span))) < there / 2.0)) * trace.dt
    room = INTERRUPTION_SHARE * asked
    if asked - room <= gone <= asked + room + MAINS_S:
        return None
    return f"the mains was to be away for {asked:.4g} s, and was for {gone:.4g} s; look at its switch"


def _mains_return(shot: Shot) -> str | None:
    """The mains of a device that starts by it must have been away and must be there at the end, by its image."""
    trace = shot.capture.trace("slow", "mains_voltage")
    if trace is None:
        return "nobody saw whether the mains came back (mains voltage)"
    begin, end = shot.taken.spans["dark"]
    there = float(np.nanmax(np.abs(trace.read(trace.slice((0.0, begin + (end - begin) / 2))))))
    off = float(np.median(np.abs(trace.read(trace.slice((end - MAINS_S, end))))))
    back = float(np.median(np.abs(trace.read(slice(-round(MAINS_S / trace.dt), None)))))
    if off < there / 2.0 < back:
        return None
    seen = f"{there:.3g}, {off:.3g}, {back:.3g} V"
    return f"the mains was to go and come back, and its image had {seen}; look at its switch"


def _other_level(shot: Shot) -> str | None:
    """A level must have been reached, a sag its end, and both must have been left again."""
    expected, spans = shot.taken.prospective, shot.taken.spans
    share, volts = (LEVEL_SHARE, LEVEL_V) if "level" in spans else (SAG_SHARE, SAG_V)
    asked = (
        (expected.feed, shot.served.level, share, volts),
        (expected.nominal, shot.served.nominal, LEVEL_SHARE, LEVEL_V),
    )
    for told, found, within, least in asked:
        if told is None or found is None:
            return f"nobody saw what the device was fed with ({shot.served.feed.replace('_', ' ')}); {SUPPLY}"
        if abs(found - told) > max(least, within * told):
            return f"the device was to be fed with {told:.2f} V, and its feed stood at {found:.2f} V; {SUPPLY}"
    return None


def _interruption(shot: Shot) -> str | None:
    """The switch must have been open for as long as asked, and the feed must have gone with it.

    Between two samples of the recorder nobody sees the voltage of an input; that the switch opens is the proof's then.
    """
    asked, found, spans = shot.case.hold_s, shot.interruption(), shot.taken.spans
    if found.value is None or found.U is None:
        return "nobody saw how long the series switch was open (gate voltage, by the digitizer)"
    if abs(found.value - asked) > INTERRUPTION_SHARE * asked + INTERRUPTION_S:
        return f"the series switch was to be open for {asked:g} s, and was for {found.value:.4g} s"
    if shot.port.role == "sink":
        return _still_fed(shot, found)
    trace = shot.capture.trace("slow", shot.served.feed)
    if trace is None or asked < SEEN_S:
        return None
    begin, end = spans["interrupted"][0], spans["after"][0]
    stood, lowest = trace.read(trace.slice((begin - 0.1, begin))).mean(), trace.read(trace.slice((begin, end))).min()
    if stood - lowest >= LEVEL_V:
        return None
    return f"the feed stayed at {lowest:.2f} V with the series switch told to be open; look at its transistors"


def _still_fed(shot: Shot, found: Measurement) -> str | None:
    """A consumer's feed is its port: no current there, by the digitizer, in the middle of the interruption."""
    trace, begin, end = shot.capture.trace("fault", "port_current"), found.inputs["t0"], found.inputs["end"]
    assert isinstance(begin, float)
    assert isinstance(end, float)
    if trace is None:
        return "nobody saw the current of the port while the series switch was open (by the digitizer)"
    quarter = (end - begin) / 4
    amps = abs(float(trace.read(trace.slice((begin + quarter, end - quarter))).mean()))
    if amps <= CARRIED_SHARE * shot.port.rated_current:
        return None
    return f"the feed carried {amps:.3g} A with the series switch told to be open; look at its transistors"


def rig_overvoltage(shot: Shot) -> str | None:
    """Why the rig itself was at fault while it drove the port; None when it kept below 60 V.

    The recorder must have seen less for certain. The digitizer, whose channel may not even be calibrated when the
    device did not come up, is held against the bench only where it is certain of more.
    """
    span = shot.taken.spans.get("driven")
    if span is None:
        return None
    for record, side in (("slow", 1.0), ("fault", -1.0)):
        within = {"slow": [span]} if record == "slow" else None
        found = measure.port_voltage_peak(shot.capture, within=within, records=(record,), absolute=True, must=())
        if found.value is not None and found.value + side * (found.U or 0.0) >= SELV_V:
            known = f" ± {found.U:.2f} V" if found.U is not None else ""
            seen = f"{found.value:.2f} V{known} by the {record} record"
            return f"the rig itself drove the port to {seen}, which must stay below {SELV_V:g} V"
    return None


def injector_overload(shot: Shot, injector: Injector) -> str | None:
    """Why the injector bore more than its rating in this case; None when it did not, or nothing of it was recorded.

    Peak current by the digitizer, where it is certain of it; heat by the recorder, over the whole case.
    """
    fast, slow = (shot.capture.trace(record, "injector_current") for record in ("fault", "slow"))
    if fast is not None and fast.codes.size:
        peak, allowed = float(np.nanmax(np.abs(fast.values))), injector.rating.current
        doubt = 0.0 if fast.accuracy is None else 2.0 * (fast.accuracy.gain_u * peak + fast.accuracy.offset_u)
        if peak - doubt > allowed:
            return f"the injector carried {peak:.4g} A, and its rating is {allowed:g} A"
    tap = shot.taken.prospective.tap
    if slow is not None and tap is not None and slow.codes.size:
        ohms = injector.resistance + injector.taps[tap]
        i2t = float(np.nansum(slow.values**2)) * slow.dt
        heat = i2t * ohms
        if injector.rating.i2t is not None and i2t > injector.rating.i2t:
            return f"the injector carried {i2t:.4g} A²s, and its rating is {injector.rating.i2t:g} A²s"
        if heat > injector.rating.energy:
            return f"the injector took {heat:.4g} J of heat, and its rating is {injector.rating.energy:g} J"
    return None


def injector_at_fault(shot: Shot) -> str | None:
    """Why the injector or the digitizer at it was at fault in this case; None when they did what they were told."""
    if shot.taken.prospective.tap is None:
        return None
    port = shot.port
    return misconduct(shot.capture, shot.level, (port.voltage * (1 - port.band), port.highest_voltage))
