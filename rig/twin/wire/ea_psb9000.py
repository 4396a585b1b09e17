"""EA Elektro-Automatik PSB 9080-60 on its Ethernet port, SCPI.

Written from the maker's SCPI guide for the 9000 series, as reprinted for the rebranded APS 6RL (sections 7.12.3 to
7.12.8): set commands need remote control (SYSTem:LOCK ON), values come back with their unit ("48.00 V"), the error
queue holds 5 entries and uses the generic codes -100 and -102 to -224, reading it acknowledges alarms. Bits 10 and 11
of the questionable register and bit 8 of the operation register are from the guide's examples; the other bits and the
alarm counters' commands are of the 9000 series' register figure and not verified against a paper copy.
"""

from collections.abc import Callable

from rig.twin.wire import scpi
from rig.twin.wire.roles import Supply
from rig.twin.wire.scpi import ScpiError
from rig.twin.wire.scpi_args import Argument, Number, between, boolean
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

PROTECTION = 1.1  # highest power protection threshold over nominal

OVP, OCP, OPP, OT = 1 << 0, 1 << 1, 1 << 2, 1 << 3  # questionable register
REMOTE, OUTPUT_ON = 1 << 10, 1 << 11
CV, CC, CP = 1 << 8, 1 << 9, 1 << 10  # operation register
ALARM_BITS = {"OVP": OVP, "OCP": OCP, "OPP": OPP, "OT": OT}
COUNTERS = {"OVOLtage": "OVP", "OCURrent": "OCP", "OPOWer": "OPP", "OTEMperature": "OT", "PFAil": "PF"}


class _Front:
    """Settings and status behind the front panel, which the physics does not keep."""

    def __init__(self, supply: Supply) -> None:
        self.supply = supply
        self.remote = False
        self.values = {
            "VOLT": 0.0,
            "CURR": supply.rating.amps,
            "POW": supply.rating.watts,
            "SINK CURR": 0.0,
            "SINK POW": 0.0,
            "OVP": supply.rating.ovp,
            "OCP": supply.rating.ocp,
        }
        self.counts = dict.fromkeys(ALARM_BITS, 0) | {"PF": 0}
        self._counted: str | None = None
        self._condition = self._event = 0

    def controlled(self, action: Callable[..., None]) -> Callable[..., None]:
        """`action`, refused while remote control has not been taken."""

        def guarded(*args: object) -> None:
            if not self.remote:
                raise ScpiError(scpi.INVALID_WHILE_IN_LOCAL)
            action(*args)
            self.notice()

        return guarded

    def set(self, name: str, act: Callable[[float], None]) -> Callable[..., None]:
        def setter(value: float) -> None:
            act(value)
            self.values[name] = value

        return self.controlled(setter)

    def lock(self, on: bool) -> None:
        self.remote = on
        self.notice()

    def switch(self, on: bool) -> None:
        if on and self.supply.alarm() is not None:
            raise ScpiError(scpi.SETTINGS_CONFLICT)  # alarms must be acknowledged first
        self.supply.set_output(on)

    def notice(self) -> None:
        """Count a new alarm and latch rising bits of the questionable register."""
        alarm = self.supply.alarm()
        if alarm is not None and alarm != self._counted:
            self.counts[alarm] += 1
        self._counted = alarm
        condition = REMOTE * self.remote + OUTPUT_ON * self.supply.output_on + (ALARM_BITS[alarm] if alarm else 0)
        self._event |= condition & ~self._condition
        self._condition = condition

    def acknowledge(self) -> None:
        """Reading errors acknowledges an alarm whose cause is gone."""
        self.notice()
        self.supply.clear_alarm()
        self.notice()

    def reset(self) -> None:
        """*RST: remote control, output off, alarms and status cleared; set values stay (guide section 7.12.4)."""
        self.remote = True
        self.supply.set_output(False)
        self.acknowledge()
        self._event = 0

    def count(self, alarm: str) -> str:
        self.notice()
        return str(self.counts[alarm])

    def condition(self) -> str:
        self.notice()
        return str(self._condition)

    def event(self) -> str:
        self.notice()
        value, self._event = self._event, 0
        return str(value)

    def operation(self) -> str:
        return str({"OFF": 0, "CV": CV, "CC": CC, "CP": CP}[self.supply.regulation])


def volts(value: float) -> str:
    return f"{value:.2f} V"


def amps(value: float) -> str:
    return f"{value:.2f} A"


def watts(value: float) -> str:
    return f"{value:.0f} W"


def build(supply: Supply, serial: str = "2870380001") -> ScpiInstrument:
    """The instrument in front of `supply`."""
    front, nominal = _Front(supply), supply.rating
    identity = f"EA Elektro-Automatik GmbH & Co. KG, PSB 9080-60, {serial}, V3.02 15.02.2019 V2.29 07.08.2018 V2.0.7"

    def setting(
        header: str, name: str, top: float, form: Callable[[float], str], act: Callable[[float], None]
    ) -> Command:
        unit = form(0.0)[-1]
        argument: Argument = between(0.0, top, unit)
        return Command(header, lambda: form(front.values[name]), front.set(name, act), (argument,), form)

    def only(header: str, value: float, form: Callable[[float], str]) -> Command:
        """A set value that the physics does not have: it stays where it is, and any other is a conflict."""
        unit = form(0.0)[-1]

        def stay(wanted: float) -> None:
            if wanted != value:
                raise ScpiError(scpi.SETTINGS_CONFLICT)

        return Command(
            header, lambda: form(value), front.controlled(stay), (Number(lambda: 0.0, lambda: value, unit),), form
        )

    def measured() -> tuple[float, float]:
        return supply.measure()

    def array() -> str:
        v, i = measured()
        return f"{volts(v)}, {amps(i)}, {watts(v * i)}"

    level = "[:LEVel][:IMMediate][:AMPLitude]"
    commands = [
        setting(f"[:SOURce]:VOLTage{level}", "VOLT", nominal.volts, volts, supply.set_voltage),
        setting(f"[:SOURce]:CURRent{level}", "CURR", nominal.amps, amps, supply.set_current),
        setting(f"[:SOURce]:POWer{level}", "POW", nominal.watts, watts, supply.set_power),
        setting("[:SOURce]:VOLTage:PROTection[:LEVel]", "OVP", nominal.ovp, volts, supply.set_ovp),
        setting("[:SOURce]:CURRent:PROTection[:LEVel]", "OCP", nominal.ocp, amps, supply.set_ocp),
        only("[:SOURce]:POWer:PROTection[:LEVel]", nominal.watts * PROTECTION, watts),
        setting(f"SINK:CURRent{level}", "SINK CURR", nominal.amps, amps, supply.set_sink_current),
        setting(f"SINK:POWer{level}", "SINK POW", nominal.watts, watts, supply.set_sink_power),
        Command(
            "OUTPut[:STATe]",
            lambda: "ON" if supply.output_on else "OFF",
            front.controlled(front.switch),
            (boolean,),
        ),
        Command("MEASure[:SCALar]:VOLTage[:DC]", lambda: volts(measured()[0])),
        Command("MEASure[:SCALar]:CURRent[:DC]", lambda: amps(measured()[1])),
        Command("MEASure[:SCALar]:POWer[:DC]", lambda: watts(measured()[0] * measured()[1])),
        Command("MEASure[:SCALar]:ARRay", array),
        Command("SYSTem:LOCK[:STATe]", None, front.lock, (boolean,)),
        Command("SYSTem:LOCK:OWNer", lambda: "REMOTE" if front.remote else "NONE"),
        Command("SYSTem:NOMinal:VOLTage", lambda: volts(nominal.volts)),
        Command("SYSTem:NOMinal:CURRent", lambda: amps(nominal.amps)),
        Command("SYSTem:NOMinal:POWer", lambda: watts(nominal.watts)),
        Command("STATus:QUEStionable:CONDition", front.condition),
        Command("STATus:QUEStionable[:EVENt]", front.event),
        Command("STATus:OPERation:CONDition", front.operation),
    ]
    commands += [
        Command(f"SYSTem:ALARm:COUNt:{word}", lambda alarm=alarm: front.count(alarm))
        for word, alarm in COUNTERS.items()
    ]
    dialect = Dialect(queue=5, codes={-113: -100, -109: -102, -104: -224, -131: -224, -138: -224, -141: -224})
    return ScpiInstrument(identity, commands, reset=front.reset, dialect=dialect, errors_read=front.acknowledge)
