"""Defects of a port's protection: short circuit, overload, limiting."""

from rig.twin.scene.defects import limits
from rig.twin.scene.defects.change import each_port, put
from rig.twin.scene.defects.defect import COUNT, Defect
from rig.twin.scene.device import Device
from rig.twin.scene.ports import Port
from rig.twin.scene.protection import Band, Stage

WARM_KELVIN = 20.0  # 45 degC is this much above where delays are as declared
BULK_ESR = 20e-3  # ohm, of an electrolytic capacitor
FOLDBACK_VOLTS = 40.0
_FAST, _STAGES = "a port with a fast trip", "a port with overload stages"
_LIMITER = "a port with a limiter"


def _late_trip(device: Device, seconds: float) -> Device:
    return each_port(device, _FAST, lambda port: _fast(port, "delay", seconds))


def _late_when_warm(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        fast = port.protection.fast
        if fast is None or not 0 < fast.delay < seconds:
            return None
        return _fast(port, "delay_drift", (seconds / fast.delay - 1.0) / WARM_KELVIN)

    return each_port(device, "a port with a fast trip that takes time, and less than that when it is cold", edit)


def _sometimes_blind(device: Device, share: float) -> Device:
    return each_port(device, _FAST, lambda port: _fast(port, "misses", share))


def _sometimes_carries(device: Device, share: float) -> Device:
    def edit(port: Port) -> Port | None:
        return _stages(port, [put(stage, "misses", share) for stage in port.protection.stages])

    return each_port(device, _STAGES, edit)


def _trips_only(device: Device, times: float) -> Device:
    return each_port(device, _FAST, lambda port: _fast(port, "armed_times", int(times)))


def _wearing_trip(device: Device, seconds: float) -> Device:
    return each_port(device, _FAST, lambda port: _fast(port, "wear", seconds))


def _scaled_trip(device: Device, factor: float) -> Device:
    def edit(port: Port) -> Port | None:
        fast = port.protection.fast
        return _fast(port, "current", fast.current * factor) if fast else None

    return each_port(device, _FAST, edit)


def _fast(port: Port, key: str, value: float) -> Port | None:
    return put(port, f"protection.fast.{key}", value) if port.protection.fast else None


def _slow_gate(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        return put(port, "switch.turn_off", seconds) if port.protection.fast else None

    return each_port(device, _FAST, edit)


def _worn_switch(device: Device, factor: float) -> Device:
    return each_port(device, "a port", lambda port: put(port, "switch.resistance", port.switch.resistance * factor))


def _port_capacitor(device: Device, farads: float) -> Device:
    def edit(port: Port) -> Port:
        return put(put(port, "capacitance", farads), "esr", min(port.esr, BULK_ESR))

    return each_port(device, "a port", edit)


def _stages(port: Port, stages: list[Stage]) -> Port | None:
    return put(port, "protection.stages", stages) if stages else None


def _slow_overload(device: Device, factor: float) -> Device:
    """Stages and models of heat alike: all of them are the time that an overload may last."""

    def edit(port: Port) -> Port | None:
        trips = port.protection
        slow = trips.model_copy(
            update={
                "stages": [put(stage, "delay", stage.delay * factor) for stage in trips.stages],
                "i2t": put(trips.i2t, "budget", trips.i2t.budget * factor) if trips.i2t else None,
                "thermal": put(trips.thermal, "time_constant", trips.thermal.time_constant * factor)
                if trips.thermal
                else None,
            }
        )
        return put(port, "protection", slow) if slow != trips else None

    return each_port(device, "a port with overload stages, an I2t or a thermal model", edit)


def _blind_zone(device: Device, amps: float) -> Device:
    def edit(port: Port) -> Port | None:
        lowest = min((stage.current for stage in port.protection.stages), default=amps)
        if lowest >= amps:
            return None
        return put(port, "protection.blind", Band.model_construct(above=lowest, below=amps))

    return each_port(device, f"a port with an overload stage below {amps:g} A", edit)


def _early_overload(device: Device, factor: float) -> Device:
    def edit(port: Port) -> Port | None:
        stages = port.protection.stages
        return _stages(port, [put(one, "current", one.current * factor) for one in stages[:1]] + stages[1:])

    return each_port(device, _STAGES, edit)


def _slow_limiter(device: Device, seconds: float) -> Device:
    return each_port(device, _LIMITER, lambda port: _limiter(port, "response", seconds))


def _loose_limiter(device: Device, factor: float) -> Device:
    def edit(port: Port) -> Port | None:
        limit = port.protection.limit
        return _limiter(port, "current", limit.current * factor) if limit else None

    return each_port(device, _LIMITER, edit)


def _limiter(port: Port, key: str, value: float) -> Port | None:
    return put(port, f"protection.limit.{key}", value) if port.protection.limit else None


def _tireless_limiter(device: Device, seconds: float) -> Device:
    def edit(port: Port) -> Port | None:
        limit = port.protection.limit
        return _limiter(port, "timeout", seconds) if limit and limit.then == "trip" else None

    return each_port(device, "a port with a limiter that gives up", edit)


def _foldback_trap(device: Device, share: float) -> Device:
    def edit(port: Port) -> Port | None:
        limit = port.protection.limit
        if limit is None:
            return None
        folded = {"foldback": min(share, 0.99) * limit.current, "foldback_volts": FOLDBACK_VOLTS}
        return put(port, "protection.limit", limit.model_copy(update=folded))

    return each_port(device, _LIMITER, edit)


PROTECTION = (
    Defect(
        "late-trip", "The fast trip acts late, after the given time.",
        "s", "900 us", "50 us", limits.SHORT_TIME, "hard-short", _late_trip,
    ),
    Defect(
        "sometimes-blind", "In this share of the times that the port has come on its fast trip does not watch.",
        "1", "80 %", "1 %", limits.SHORT_REPEATED, "shorts-repeated", _sometimes_blind,
    ),
    Defect(
        "late-when-warm", "The fast trip acts after the given time at 45 degC, as declared at 25.",
        "s", "900 us", "50 us", limits.SHORT_TIME_WARM, "warm-short", _late_when_warm,
    ),
    Defect(
        "trips-only", "The fast trip works this often, and never again.",
        COUNT, "1", "100", limits.SHORT_REPEATED, "shorts-repeated", _trips_only,
    ),
    Defect(
        "wearing-trip", "Each time that the fast trip has acted it becomes slower by this time.",
        "s", "300 us", "20 us", limits.SHORT_REPEATED, "shorts-repeated", _wearing_trip,
    ),
    Defect(
        "high-trip", "The fast trip has a threshold too high, by the given factor.",
        "1", "2000 %", "110 %", limits.SHORT_PEAK, "hard-short", _scaled_trip,
    ),
    Defect(
        "slow-gate", "The trip decides in time, but the switch takes this long to open.",
        "s", "50 us", "500 ns", limits.SHORT_I2T, "hard-short", _slow_gate,
    ),
    Defect(
        "worn-switch", "The port's switch has this many times its resistance, and heats up under load.",
        "1", "4000 %", "200 %", limits.LOAD_TEMPERATURE, "peak-power", _worn_switch,
    ),
    Defect(
        "port-capacitor", "A capacitor this large sits outside the switch and dumps into every fault.",
        "F", "150 uF", "10 uF", limits.SHORT_I2T, "hard-short", _port_capacitor,
    ),
    Defect(
        "slow-overload", "An overload may last this many times as long.",
        "1", "500 %", "110 %", limits.MUST_TRIP, "overload-1.5x", _slow_overload,
    ),
    Defect(
        "sometimes-carries", "In this share of the times that the port has come on an overload stage does not watch.",
        "1", "80 %", "1 %", limits.MUST_TRIP, "overload-1.5x", _sometimes_carries,
    ),
    Defect(
        "blind-zone", "The overload stages do not act between their lowest level and this current.",
        "A", "8.5 A", "6.7 A", limits.HIGH_OHMIC, "overload-1.5x", _blind_zone,
    ),
    Defect(
        "early-overload", "The lowest overload stage acts at this fraction of its current.",
        "1", "75 %", "95 %", limits.MUST_NOT_TRIP, "overload-1.05x", _early_overload,
    ),
    Defect(
        "nervous-trip", "The fast trip acts at this fraction of its current, on an inrush too.",
        "1", "50 %", "90 %", limits.INRUSH, "inrush", _scaled_trip,
    ),
    Defect(
        "short-filter", "The overload stages wait this fraction of their delay, and trip on an inrush.",
        "1", "1 %", "90 %", limits.INRUSH, "inrush", _slow_overload,
    ),
    Defect(
        "slow-limiter", "The limiter takes this long to act, and the full current flows until then.",
        "s", "200 ms", "5 ms", limits.LIMIT_TIME, "limited-short", _slow_limiter,
    ),
    Defect(
        "loose-limiter", "The limiter holds this many times its current.",
        "1", "150 %", "105 %", limits.LIMIT_CURRENT, "limited-short", _loose_limiter,
    ),
    Defect(
        "tireless-limiter", "The limiter goes on for this long before it trips, and heats up.",
        "s", "20 s", "60 ms", limits.TEMPERATURE, "long-short", _tireless_limiter,
    ),
    Defect(
        "foldback-trap", "Without voltage the limiter gives this share of its current: loads keep it down.",
        "1", "20 %", "95 %", limits.AFTER_SHORT, "short-under-constant-current", _foldback_trap,
    ),
)  # fmt: skip
