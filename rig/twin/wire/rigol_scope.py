"""RIGOL scopes, four channels, SCPI on their raw socket; the series differ by the table they are built with.

Written from the DHO800/DHO900 programming guide (April 2025) and the DHO800 data sheet: numbers without units, memory
depths by the number of channels that are on, a top sample rate shared by the channels, vertical offset ranges by scale,
volts = (code - YORigin - YREFerence) x YINCrement, RAW only in STOP state. Reading RAW data in any other state, or when
nothing was acquired, gives a settings conflict and an empty block. The hold-off, 8 ns to 10 s as in the maker's DS7000
data sheet ([K] for these series), counts from one trigger to the next in the NORMal sweep; a BWLimit of 20M also limits
what the trigger sees ([K]). ASCii data, MATH sources and other trigger types than EDGE are conflicts.
"""

from collections.abc import Callable

from rig.twin.wire.acquisition import Digitizer
from rig.twin.wire.rigol_front import (
    CHANNELS,
    FASTEST_BASE,
    LONGEST_HOLDOFF,
    SHORTEST_HOLDOFF,
    SLOWEST_BASE,
    Front,
)
from rig.twin.wire.rigol_series import Series
from rig.twin.wire.roles import Calendar
from rig.twin.wire.scpi_args import Number, boolean, choice, integer, supported
from rig.twin.wire.scpi_instrument import Command, Dialect, ScpiInstrument


def _scientific(value: float) -> str:
    return f"{value:.6E}"


def build(series: Series, digitizer: Digitizer, calendar: Calendar) -> ScpiInstrument:
    """The instrument in front of `digitizer`."""
    front = Front(digitizer, calendar, series)
    instrument = ScpiInstrument(
        series.identity,
        [*_vertical_commands(front), *_horizontal_commands(front), *_trigger_commands(front), *_wave_commands(front)],
        reset=front.defaults,
        dialect=Dialect(texts={-113: "Undefined header; command cannot be found"}),
    )
    front.push = instrument.push
    return instrument


def _plain(low: float, high: float) -> Number:
    return Number(lambda: low, lambda: high, names=False)


def _vertical_commands(front: Front) -> list[Command]:
    any_volts = _plain(-1e6, 1e6)
    return [
        Command(
            ":CHANnel<n>:DISPlay",
            lambda n: str(int(front.channel(n).display)),
            front.running(front.set_display),
            (boolean,),
        ),
        Command(
            ":CHANnel<n>:COUPling",
            lambda n: front.channel(n).coupling,
            front.set_channel("coupling"),
            (supported("DC", refused=("AC", "GND")),),
        ),
        Command(
            ":CHANnel<n>:SCALe",
            lambda n: _scientific(front.channel(n).scale),
            front.running(front.set_scale),
            (_plain(1e-9, 1e6),),
        ),
        Command(
            ":CHANnel<n>:OFFSet",
            lambda n: _scientific(front.channel(n).offset),
            front.running(front.set_offset),
            (any_volts,),
        ),
        Command(
            ":CHANnel<n>:PROBe",
            lambda n: f"{front.channel(n).probe:g}",
            front.running(front.set_probe),
            (_plain(1e-3, 5e4),),
        ),
        Command(
            ":CHANnel<n>:BWLimit", lambda n: front.channel(n).limit, front.set_channel("limit"), (choice("OFF", "20M"),)
        ),
    ]


def _horizontal_commands(front: Front) -> list[Command]:
    def set_base(seconds: float) -> None:
        front.base = seconds
        front.shift = max(front.shift, -5 * seconds)

    return [
        Command(
            ":TIMebase[:MAIN]:SCALe",
            lambda: _scientific(front.base),
            front.running(set_base),
            (_plain(FASTEST_BASE, SLOWEST_BASE),),
        ),
        Command(
            ":TIMebase[:MAIN][:OFFSet]",
            lambda: _scientific(front.shift),
            front.running(front.set_shift),
            (_plain(-1e6, 1e6),),
        ),
        Command(
            ":ACQuire:MDEPth",
            front.depth_text,
            front.running(front.set_depth),
            (str,),
        ),
        Command(":ACQuire:SRATe", lambda: f"{front.rate:.9E}"),
        Command(
            ":ACQuire:TYPE",
            lambda: "NORM",
            lambda _: None,
            (supported("NORMal", refused=("PEAK", "AVERages", "ULTRa")),),
        ),
        Command(":RUN", set=lambda: front.run() if front.sweep != "SING" else front.single()),
        Command(":STOP", set=front.acquisition.stop),
        Command(":SINGle", set=front.single),
        Command(":TFORce", set=front.acquisition.force),
        Command(":CLEar", set=lambda: None),  # clears the screen, which nobody sees here
    ]


def _trigger_commands(front: Front) -> list[Command]:
    def set_source(source: str) -> None:
        front.source = int(source[-1])

    def set_holdoff(seconds: float) -> None:
        front.holdoff = seconds

    sources = choice(*(f"CHANnel{n}" for n in range(1, CHANNELS + 1)))
    others = ("PULSe", "SLOPe", "VIDeo", "PATTern", "DURation", "TIMeout", "RUNT", "WINDow", "DELay", "SETup", "NEDGe")
    types = supported("EDGE", refused=(*others, "RS232", "IIC", "SPI", "CAN"))
    return [
        Command(":TRIGger:MODE", lambda: "EDGE", lambda _: None, (types,)),
        Command(":TRIGger:STATus", lambda: front.acquisition.state),
        Command(":TRIGger:SWEep", lambda: front.sweep, front.set_sweep, (choice("AUTO", "NORMal", "SINGle"),)),
        Command(
            ":TRIGger:HOLDoff",
            lambda: _scientific(front.holdoff),
            front.running(set_holdoff),
            (_plain(SHORTEST_HOLDOFF, LONGEST_HOLDOFF),),
        ),
        Command(":TRIGger:EDGE:SOURce", lambda: f"CHAN{front.source}", front.running(set_source), (sources,)),
        Command(
            ":TRIGger:EDGE:SLOPe",
            lambda: front.slope,
            front.running(front.set_slope),
            (choice("POSitive", "NEGative", "RFALl"),),
        ),
        Command(
            ":TRIGger:EDGE:LEVel",
            lambda: _scientific(front.level),
            front.running(front.set_level),
            (_plain(-1e6, 1e6),),
        ),
    ]


def _wave_commands(front: Front) -> list[Command]:
    def set_source(source: str) -> None:
        front.wave_source = int(source[-1])

    def setter(name: str) -> Callable[[object], None]:
        return lambda value: setattr(front, name, value)

    sources = choice(*(f"CHANnel{n}" for n in range(1, CHANNELS + 1)))
    return [
        Command(":WAVeform:SOURce", lambda: f"CHAN{front.wave_source}", set_source, (sources,)),
        Command(":WAVeform:MODE", lambda: front.mode, setter("mode"), (choice("NORMal", "MAXimum", "RAW"),)),
        Command(
            ":WAVeform:FORMat", lambda: front.format, setter("format"), (supported("WORD", "BYTE", refused=("ASCii",)),)
        ),
        Command(":WAVeform:STARt", lambda: str(front.start), front.set_span("start"), (integer,)),
        Command(":WAVeform:STOP", lambda: str(front.stop), front.set_span("stop"), (integer,)),
        Command(":WAVeform:PREamble", front.preamble),
        Command(":WAVeform:DATA", front.data),
        *(
            Command(f":WAVeform:{name}", lambda index=index: front.preamble().split(",")[index])
            for name, index in (
                ("XINCrement", 4),
                ("XORigin", 5),
                ("XREFerence", 6),
                ("YINCrement", 7),
                ("YORigin", 8),
                ("YREFerence", 9),
            )
        ),
    ]
