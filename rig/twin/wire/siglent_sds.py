"""Siglent SDS2000X Plus and HD, four channels, SCPI on their raw socket 5025.

Written from an extract of the "SDS Series Programming Guide" (EN11D, February 2023) and, for what it leaves out, from
public drivers that quote EN11G with pages: :WAVeform:MAXPoint? (p. 753), the descriptor (p. 755), volts = code /
code_per_div x V/div - offset (p. 758), FTRIG as a mode. Queries answer words as the guide prints them and numbers with
three digits. [K]: how much of this the error queue hears of (old firmware has none).
"""

from collections.abc import Callable

from rig.twin.wire.acquisition import Digitizer
from rig.twin.wire.roles import Calendar
from rig.twin.wire.scpi_args import Argument, Number, boolean, choice, integer, supported
from rig.twin.wire.scpi_instrument import Command, ScpiInstrument
from rig.twin.wire.siglent_sds_front import CHANNELS, Front
from rig.twin.wire.siglent_sds_series import Series


def build(series: Series, digitizer: Digitizer, calendar: Calendar) -> ScpiInstrument:
    """The instrument in front of `digitizer`."""
    front = Front(digitizer, calendar, series)
    rows = [*_vertical_commands(front), *_horizontal_commands(front), *_trigger_commands(front), *_wave_commands(front)]
    return ScpiInstrument(series.identity, rows, reset=front.defaults)


def _three(value: float) -> str:
    return f"{value:.2E}"


def _word(*words: str, refused: tuple[str, ...] = ()) -> Argument:
    """One of `words`, as the guide prints it; `refused` are words that nothing stands behind."""
    read = supported(*words, refused=refused)
    printed = {choice(word)(word): word for word in words}
    return lambda text: printed[read(text)]


def _plain(low: float, high: float) -> Number:
    return Number(lambda: low, lambda: high, names=False)


def _on(state: bool) -> str:
    return "ON" if state else "OFF"


def _vertical_commands(front: Front) -> list[Command]:
    def setting(header: str, name: str, word: Argument) -> Command:
        def put(n: int, value: str) -> None:
            setattr(front.channel(n), name, value)

        return Command(f":CHANnel<n>:{header}", lambda n: getattr(front.channel(n), name), front.running(put), (word,))

    def put_probe(n: int, kind: str, ratio: float) -> None:
        front.set_probe(n, ratio)

    volts = _plain(-1e6, 1e6)
    return [
        Command(
            ":CHANnel<n>:SWITch",
            lambda n: _on(front.channel(n).switch),
            front.running(front.set_switch),
            (boolean,),
        ),
        setting("COUPling", "coupling", _word("DC", refused=("AC", "GND"))),
        setting("IMPedance", "impedance", _word("ONEMeg", refused=("FIFTy",))),
        setting("BWLimit", "limit", _word("FULL", "20M", refused=("200M",))),
        Command(
            ":CHANnel<n>:SCALe", lambda n: _three(front.channel(n).scale), front.running(front.set_scale), (volts,)
        ),
        Command(
            ":CHANnel<n>:OFFSet", lambda n: _three(front.channel(n).offset), front.running(front.set_offset), (volts,)
        ),
        Command(
            ":CHANnel<n>:PROBe",
            lambda n: _three(front.channel(n).probe),
            front.running(put_probe),
            (choice("VALue"), _plain(1e-6, 1e6)),
        ),
    ]


def _horizontal_commands(front: Front) -> list[Command]:
    def put(name: str) -> Callable[[object], None]:
        return lambda value: setattr(front, name, value)

    def points(text: str) -> int:
        factor = {"K": 1e3, "M": 1e6}.get(text[-1].upper(), 1.0)
        return round(float(_plain(1.0, 1e9)(text.rstrip("kKmM"))) * factor)

    rows = [
        Command(":TIMebase:SCALe", lambda: _three(front.base), front.horizontal(front.set_base), (_plain(1e-12, 1e6),)),
        Command(":TIMebase:DELay", lambda: _three(front.delay), front.running(put("delay")), (_plain(-1e6, 1e6),)),
        Command(
            ":ACQuire:MMANagement",
            lambda: front.management,
            front.horizontal(put("management")),
            (_word("AUTO", "FSRate", "FMDepth"),),
        ),
        Command(":ACQuire:MDEPth", lambda: _three(front.reported[1]), front.horizontal(put("depth")), (points,)),
        Command(
            ":ACQuire:SRATe", lambda: _three(front.reported[0]), front.horizontal(front.set_rate), (_plain(0.1, 1e12),)
        ),
        Command(":ACQuire:POINts", lambda: _three(front.reported[1])),
        Command(
            ":ACQuire:TYPE",
            lambda: "NORMal",
            lambda _: None,
            (_word("NORMal", refused=("PEAK", "AVERage", "ERES")),),
        ),
    ]
    if front.series.resolutions:
        word = _word(*front.series.resolutions)
        rows.append(
            Command(":ACQuire:RESolution", lambda: front.resolution, front.horizontal(put("resolution")), (word,))
        )
    return rows


def _trigger_commands(front: Front) -> list[Command]:
    others = ("PULSe", "SLOPe", "VIDeo", "WINDow", "INTerval", "DROPout", "RUNT", "PATTern", "QUALified", "SERial")
    sources = choice(*(f"C{n}" for n in range(1, CHANNELS + 1)))
    slopes = _word("RISing", "FALLing", "ALTernate")
    return [
        Command(":TRIGger:TYPE", lambda: "EDGE", lambda _: None, (_word("EDGE", refused=others),)),
        Command(":TRIGger:MODE", lambda: front.mode, front.set_mode, (_word("AUTO", "NORMal", "SINGle", "FTRIG"),)),
        Command(":TRIGger:STATus", lambda: front.status),
        Command(":TRIGger:RUN", set=front.run),
        Command(":TRIGger:STOP", set=front.acquisition.stop),
        Command(":TRIGger:EDGE:SOURce", lambda: front.source, front.running(front.set_source), (sources,)),
        Command(":TRIGger:EDGE:SLOPe", lambda: front.slope, front.running(front.set_slope), (slopes,)),
        Command(
            ":TRIGger:EDGE:LEVel",
            lambda: _three(front.level),
            front.running(front.set_level),
            (_plain(-1e6, 1e6),),
        ),
    ]


def _wave_commands(front: Front) -> list[Command]:
    def put(name: str) -> Callable[[object], None]:
        return lambda value: setattr(front, name, value)

    sources = choice(*(f"C{n}" for n in range(1, CHANNELS + 1)))
    return [
        Command("CHDR", set=lambda _: None, args=(choice("OFF", "SHORT", "LONG"),)),  # headers of older commands
        Command(":WAVeform:SOURce", lambda: front.wave_source, put("wave_source"), (sources,)),
        Command(":WAVeform:WIDTh", lambda: front.width, put("width"), (_word("BYTE", "WORD"),)),
        Command(":WAVeform:STARt", lambda: str(front.start), put("start"), (integer,)),
        Command(":WAVeform:INTerval", lambda: str(front.interval), put("interval"), (integer,)),
        Command(":WAVeform:POINt", lambda: str(front.points_asked), put("points_asked"), (integer,)),
        Command(":WAVeform:MAXPoint", lambda: str(front.series.said_page)),
        Command(":WAVeform:PREamble", front.preamble),
        Command(":WAVeform:DATA", front.data),
    ]
