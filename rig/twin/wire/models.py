"""Which firmware stands in front of which part of the world, by the scene's name of the model."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from rig.twin.bench import switch_cards
from rig.twin.bench.relays import RelayPhysics
from rig.twin.clock import BenchTime
from rig.twin.wire import (
    bk_8600,
    chroma_63600,
    ea_load,
    ea_supply,
    keithley_dmm6500,
    keysight_33500,
    keysight_e36300,
    keysight_n6700,
    keysight_n7900,
    keysight_unit,
    rigol_dl3000,
    rigol_dp800,
    rigol_scope,
    rs_ngp800,
    siglent_sdl1000x,
    siglent_sds,
    tdk_genesys,
    watlow_f4t,
)
from rig.twin.wire.acquisition import Digitizer
from rig.twin.wire.counted import CountedDigitizer
from rig.twin.wire.ea_modbus import EaModbus
from rig.twin.wire.ea_ratings import EL_9080_60, PS_9080_60, PSB_9080_60, PSB_10080_60
from rig.twin.wire.keysight_switch import Cycles
from rig.twin.wire.labjack_models import T7, T8, LabjackModel
from rig.twin.wire.labjack_t import AnalogInputs, Labjack, Lines
from rig.twin.wire.moxa_iologik import Iologik, Wear
from rig.twin.wire.panel import LoadPanel, RelayPanel, SupplyPanel
from rig.twin.wire.rigol_series import DHO804, MSO5074
from rig.twin.wire.roles import Calendar, Chamber, Generator, Load, Meter, Relays, Supply
from rig.twin.wire.scpi_instrument import ScpiInstrument
from rig.twin.wire.siglent_sds_series import HD, PLUS
from rig.twin.wire.units import Firmware, LabjackUnit, ModbusUnit, ScpiUnit, Unit
from rig.twin.wire.waveshare import Board


class Physics(Protocol):
    """The parts of a world that stand behind instruments."""

    def seen_by(self, instrument: str) -> "Physics":
        """As the instrument of this name has them behind it."""
        ...

    @property
    def sim(self) -> Calendar: ...

    @property
    def supply(self) -> Supply: ...

    @property
    def load(self) -> Load: ...

    @property
    def relays(self) -> Relays: ...

    @property
    def lines(self) -> Lines: ...

    @property
    def recorder(self) -> AnalogInputs: ...

    @property
    def digitizer(self) -> Digitizer: ...

    @property
    def meter(self) -> Meter: ...

    @property
    def generator(self) -> Generator: ...

    @property
    def chamber(self) -> Chamber: ...


Maker = Callable[[Physics, BenchTime], Unit]


def scpi_supply(build: Callable[[Supply], ScpiInstrument]) -> Maker:
    def make(world: Physics, _time: BenchTime) -> Unit:
        panel = SupplyPanel(world.supply)
        return ScpiUnit(lambda: build(panel), panel)

    return make


def scpi_load(build: Callable[[Load], ScpiInstrument]) -> Maker:
    def make(world: Physics, _time: BenchTime) -> Unit:
        panel = LoadPanel(world.load)
        return ScpiUnit(lambda: build(panel), panel)

    return make


def scpi_digitizer(build: Callable[[Digitizer, Calendar], ScpiInstrument], last_words: bytes) -> Maker:
    def make(world: Physics, time: BenchTime) -> Unit:
        digitizer = CountedDigitizer(world.digitizer, time.cost)
        return ScpiUnit(lambda: build(digitizer, world.sim), None, last_words)

    return make


def modbus_supply(build: Callable[[Supply], Firmware], unit: int) -> Maker:
    def make(world: Physics, _time: BenchTime) -> Unit:
        panel = SupplyPanel(world.supply)
        return ModbusUnit(lambda: build(panel), panel, unit)

    return make


def scpi_meter(build: Callable[[Meter], ScpiInstrument]) -> Maker:
    def make(world: Physics, _time: BenchTime) -> Unit:
        return ScpiUnit(lambda: build(world.meter), None)

    return make


def scpi_generator(build: Callable[[Generator], ScpiInstrument]) -> Maker:
    def make(world: Physics, _time: BenchTime) -> Unit:
        return ScpiUnit(lambda: build(world.generator), None, b"OUTP OFF")

    return make


def scpi_chamber(build: Callable[[Chamber], ScpiInstrument]) -> Maker:
    def make(world: Physics, _time: BenchTime) -> Unit:
        return ScpiUnit(lambda: build(world.chamber), None, b":OUTPUT1:STATE OFF")

    return make


def modbus_relays(build: Callable[[Relays, Calendar], Firmware]) -> Maker:
    def make(world: Physics, _time: BenchTime) -> Unit:
        panel = RelayPanel(world.relays)
        return ModbusUnit(lambda: build(panel, world.sim), panel)

    return make


def _board_with_inputs(inputs: int) -> Maker:
    """A relay board whose inputs the bench's lines lead to."""

    def make(world: Physics, _time: BenchTime) -> Unit:
        panel = RelayPanel(world.relays)
        return ModbusUnit(lambda: Board(panel, world.sim, inputs, world.lines.read), panel)

    return make


def switch_unit(model: str) -> Maker:
    """As the relays of the bench it pilots contactors; as its meter its relays lead nowhere."""

    def make(world: Physics, _time: BenchTime) -> Unit:
        cards, cycles = switch_cards.channels(model), Cycles()
        relays = world.relays if set(world.relays.channels) == set(cards) else RelayPhysics({}, cards)
        panel = RelayPanel(relays, (channel for channel, card in cards.items() if card.latching))
        return ScpiUnit(lambda: keysight_unit.build(model, panel, world.meter, cycles, world.sim), panel)

    return make


def _moxa(world: Physics, _time: BenchTime) -> Unit:
    panel, wear = RelayPanel(world.relays), Wear()
    return ModbusUnit(lambda: Iologik(panel, world.sim, wear), panel)


def labjack(model: LabjackModel) -> Maker:
    def make(world: Physics, _time: BenchTime) -> Unit:
        return LabjackUnit(lambda: Labjack(model, world.lines, world.recorder, world.sim))

    return make


MODELS: Mapping[str, Maker] = {
    "ea_psb9000": scpi_supply(partial(ea_supply.build, PSB_9080_60)),
    "ea_psb10000": scpi_supply(partial(ea_supply.build, PSB_10080_60)),
    "ea_ps9000": scpi_supply(partial(ea_supply.build, PS_9080_60)),
    "ea_modbus": modbus_supply(partial(EaModbus, PSB_9080_60), 0),
    "ea_modbus_full": modbus_supply(partial(EaModbus, PSB_9080_60, full=True), 1),
    "ea_el9000": scpi_load(partial(ea_load.build, EL_9080_60)),
    "ea_psb10000_sink": scpi_load(partial(ea_load.build_sink, PSB_10080_60)),
    "bk_8600": scpi_load(partial(bk_8600.build, variant=bk_8600.BK_8600)),
    "chroma_63600": scpi_load(chroma_63600.build),
    "itech_it8500": scpi_load(partial(bk_8600.build, variant=bk_8600.ITECH_IT8500)),
    "keysight_33500": scpi_generator(keysight_33500.build),
    "keysight_e36300": scpi_supply(keysight_e36300.build),
    "keysight_n6700": scpi_supply(keysight_n6700.build),
    "keysight_n7900": scpi_supply(keysight_n7900.build),
    "rigol_dl3000": scpi_load(rigol_dl3000.build),
    "rigol_dp800": scpi_supply(rigol_dp800.build),
    "rs_ngp800": scpi_supply(rs_ngp800.build),
    "tdk_genesys": scpi_supply(tdk_genesys.build),
    "watlow_f4t": scpi_chamber(watlow_f4t.build),
    "siglent_sdl1000x": scpi_load(siglent_sdl1000x.build),
    "waveshare_relay8": _board_with_inputs(8),
    "waveshare_relay16": modbus_relays(Board),
    "waveshare_relay16_inputs": _board_with_inputs(16),
    "waveshare_relay32": modbus_relays(Board),
    "moxa_iologik_e1214": _moxa,
    **{model: switch_unit(model) for model in switch_cards.SLOTS},
    "keithley_dmm6500": scpi_meter(keithley_dmm6500.build),
    "labjack_t7": labjack(T7),
    "labjack_t8": labjack(T8),
    "rigol_dho800": scpi_digitizer(partial(rigol_scope.build, DHO804), b":STOP"),
    "siglent_sds2000x_plus": scpi_digitizer(partial(siglent_sds.build, PLUS), b":TRIG:STOP"),
    "siglent_sds2000x_hd": scpi_digitizer(partial(siglent_sds.build, HD), b":TRIG:STOP"),
    "rigol_mso5000": scpi_digitizer(partial(rigol_scope.build, MSO5074), b":STOP"),
}
