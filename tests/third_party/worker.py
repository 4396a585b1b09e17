"""A published driver in its own environment: opened at an address, it does what it is told and says what it reads.

    python worker.py DRIVER HOST PORT

Reads one JSON list a line, [action, arguments...], and answers each with one JSON line. Knows nothing of ours.
"""

import json
import sys
import warnings


def pymeasure_e36312a(host, port):
    from pymeasure.instruments.keysight import KeysightE36312A

    supply = KeysightE36312A(visa(host, port), **PYMEASURE)
    channel = supply.ch_2
    return {
        "volts": lambda value: setattr(channel, "voltage_setpoint", value),
        "amps": lambda value: setattr(channel, "current_limit", value),
        "output": lambda on: setattr(channel, "output_enabled", on),
        "read": lambda: [channel.voltage, channel.current, channel.output_enabled],
    }


def qcodes_n6705b(host, port):
    from qcodes.instrument_drivers.Keysight import KeysightN6705B

    channel = KeysightN6705B("supply", visa(host, port), visalib="@py").ch1
    return {
        "volts": channel.source_voltage,
        "amps": channel.source_current,
        "output": lambda on: channel.enable("on" if on else "off"),
        "read": lambda: [channel.voltage(), channel.current(), channel.enable() == "on"],
    }


def qcodes_dp832(host, port):
    from qcodes.instrument_drivers.rigol import RigolDP832

    channel = RigolDP832("supply", visa(host, port), visalib="@py", terminator="\n").ch1
    return {
        "volts": channel.set_voltage,
        "amps": channel.set_current,
        "output": lambda on: channel.state("on" if on else "off"),
        "read": lambda: [channel.voltage(), channel.current(), channel.state().lower() == "on"],
    }


def rsngx_ngp800(host, port):
    """The maker's own package."""
    from RsNgx import RsNgx

    supply = RsNgx(visa(host, port), id_query=True, reset=False, options="SelectVisa='@py'")
    supply.instrument.select.set(1)
    level = supply.source

    def output(on):
        supply.output.set_select(on)
        supply.output.general.set_state(on)

    return {
        "volts": level.voltage.level.immediate.set_amplitude,
        "amps": level.current.level.immediate.set_amplitude,
        "output": output,
        "read": lambda: [
            supply.measure.scalar.voltage.dc.get_value(),
            supply.measure.scalar.current.dc.get_value(),
            supply.output.get_state(),
        ],
    }


def hvl_ccb_psi9000(host, port):
    """Sends voltage and current in one message, and reads both back."""
    from hvl_ccb.dev.ea_psi9000 import PSI9000, PSI9000Config, PSI9000VisaCommunication
    from hvl_ccb.dev.ea_psi9000 import PSI9000VisaCommunicationConfig as Wire

    raw = Wire.InterfaceType.TCPIP_SOCKET
    link = PSI9000VisaCommunication({"host": host, "port": port, "interface_type": raw, "visa_backend": "@py"})
    limits = {"power_limit": 1500, "voltage_lower_limit": 0, "voltage_upper_limit": 80}
    limits |= {"current_lower_limit": 0, "current_upper_limit": 60}
    supply = PSI9000(link, PSI9000Config(**limits))
    link.open()
    supply.set_system_lock(True)
    wanted = {"volts": 0.0}
    return {
        "volts": lambda value: wanted.update(volts=value),
        "amps": lambda value: supply.set_voltage_current(wanted["volts"], value),
        "output": supply.set_output,
        "read": lambda: [*supply.measure_voltage_current(), supply.get_output()],
    }


def pymeasure_dmm6500(host, port):
    from pymeasure.instruments.keithley import KeithleyDMM6500

    meter = KeithleyDMM6500(visa(host, port), **PYMEASURE)

    def configure(volts):
        meter.mode = "voltage"
        meter.range = volts

    return {"configure": configure, "read": lambda: meter.voltage}


def qcodes_dmm6500(host, port):
    from qcodes.instrument_drivers.Keithley import Keithley6500

    meter = Keithley6500("meter", visa(host, port), visalib="@py", terminator="\n")

    def configure(volts):
        meter.mode("dc voltage")
        meter.range(volts)

    return {"configure": configure, "read": meter.amplitude}


def qcodes_34980a(host, port):
    from qcodes.instrument_drivers.Keysight import Keysight34980A

    rack = Keysight34980A("relays", visa(host, port), visalib="@py", terminator="\n")
    return {
        "cards": lambda: {slot: card["model"] for slot, card in rack.system_slots_info.items()},
        "close": lambda channel: rack.write(f"ROUT:CLOS (@{channel})"),
        "closed": lambda channel: rack.ask(f"ROUT:CLOS? (@{channel})").strip() == "1",
        "open": rack.disconnect_all,
    }


def pymodbus_board(host, port):
    from pymodbus.client import ModbusTcpClient

    client = ModbusTcpClient(host, port=port, retries=0)
    assert client.connect()
    return {
        "coil": lambda number, on: client.write_coil(number, on).isError(),
        "coils": lambda count: client.read_coils(0, count=count).bits[:count],
        "registers": lambda start, count: client.read_holding_registers(start, count=count).registers,
    }


def pymodbus_ea(host, port):
    """Raw registers, as a program without a driver has them: 52428 is the nominal value."""
    from pymodbus.client import ModbusTcpClient

    client = ModbusTcpClient(host, port=port, retries=0)
    assert client.connect()
    unit = {"device_id": 0}

    def put(register, value, nominal):
        assert not client.write_register(register, round(value / nominal * 52428), **unit).isError()

    def output(on):
        assert not client.write_coil(402, True, **unit).isError()
        assert not client.write_coil(405, on, **unit).isError()

    def read():
        volts, amps = client.read_holding_registers(507, count=2, **unit).registers
        return [volts / 52428 * 80.0, amps / 52428 * 60.0, bool(client.read_coils(405, count=1, **unit).bits[0])]

    return {
        "volts": lambda value: (client.write_coil(402, True, **unit), put(500, value, 80.0))[1],
        "amps": lambda value: put(501, value, 60.0),
        "output": output,
        "read": read,
    }


PYMEASURE = {"visa_library": "@py", "read_termination": "\n", "write_termination": "\n"}


def visa(host, port):
    return f"TCPIP::{host}::{port}::SOCKET"


def main():
    warnings.simplefilter("ignore")
    name, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
    out, sys.stdout = sys.stdout, sys.stderr  # the libraries greet on stdout
    actions = globals()[name](host, port)
    print(json.dumps("ready"), file=out, flush=True)
    for line in sys.stdin:
        action, *arguments = json.loads(line)
        print(json.dumps(actions[action](*arguments)), file=out, flush=True)


if __name__ == "__main__":
    main()
