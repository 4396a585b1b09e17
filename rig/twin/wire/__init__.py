"""Instruments on the wire: SCPI and Modbus servers, each with a parser of its own."""
