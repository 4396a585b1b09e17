"""The EA models that the twin can be: names, nominal values, and the rows of chapter 5 that tell them.

Sources of the nominal values: PSB 10080-60 (80 V, 60 A, 1500 W, sink resistance 0.04 to 80 ohm) from the notes of a
public driver's tests on that instrument; PS 9080-60 T (1500 W) and EL 9080-60 DT (1200 W, 0.09 to 30 ohm) from public
drivers that quote the operating manuals; PSB 9080-60 with 5000 W and its resistance are [K]. Device classes: PGMBEN
revision 24, appendix A1. Firmware strings are in the form of the guide's example (5.3.1), their numbers are made up.
"""

from dataclasses import dataclass

from rig.twin.wire.ea_forms import amps, resistance, volts, watts
from rig.twin.wire.ea_front import EaFront
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument

PROTECTION = 1.1  # highest threshold of protection over nominal
# rooted: a public driver for the PSI 9000, in daily use, sends SOURce:VOLTage 5;SOURce:CURRent 1 in one message
DIALECT = Dialect(
    queue=5, codes={-113: -100, -109: -102, -104: -224, -131: -224, -138: -224, -141: -224}, most=5, rooted=True
)
FIRMWARE = "V3.02 15.02.2019 V2.29 07.08.2018 V2.0.7"


@dataclass(frozen=True, slots=True)
class EaModel:
    """Nominal volts, amperes, watts; `ohms` are the ends of its resistance, None where it has none."""

    name: str
    serial: str
    device_class: int
    volts: float
    amps: float
    watts: float
    ohms: tuple[float, float] | None = None
    ovp: float = PROTECTION
    """Highest over-voltage threshold over nominal."""

    @property
    def identity(self) -> str:
        return f"EA Elektro-Automatik GmbH & Co. KG, {self.name}, {self.serial}, {FIRMWARE}"


PSB_9080_60 = EaModel("PSB 9080-60", "2870380001", 58, 80.0, 60.0, 5000.0, (0.04, 80.0))
PSB_10080_60 = EaModel("PSB 10080-60", "2870380002", 66, 80.0, 60.0, 1500.0, (0.04, 80.0))
PS_9080_60 = EaModel("PS 9080-60 T", "2870380003", 49, 80.0, 60.0, 1500.0)
EL_9080_60 = EaModel("EL 9080-60 DT", "2870380004", 44, 80.0, 60.0, 1200.0, (0.09, 30.0), ovp=1.03)


def assemble(model: EaModel, front: EaFront, rows: list[Command]) -> ScpiInstrument:
    """The instrument with EA's dialect."""
    return ScpiInstrument(model.identity, rows, reset=front.reset, dialect=DIALECT, errors_read=front.acknowledge)


def nominal_rows(model: EaModel) -> list[Command]:
    """SYSTem:NOMinal and SYSTem:DEVice (5.4.10)."""
    rows = [
        Command("SYSTem:NOMinal:VOLTage", lambda: volts(model.volts)),
        Command("SYSTem:NOMinal:CURRent", lambda: amps(model.amps)),
        Command("SYSTem:NOMinal:POWer", lambda: watts(model.watts)),
        Command("SYSTem:DEVice:CLASs", lambda: str(model.device_class)),
    ]
    if model.ohms is not None:
        low, high = model.ohms
        rows += [
            Command("SYSTem:NOMinal:RESistance:MINimum", lambda: resistance(low)),
            Command("SYSTem:NOMinal:RESistance:MAXimum", lambda: resistance(high)),
        ]
    return rows
