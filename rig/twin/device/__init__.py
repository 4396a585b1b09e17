"""The device under test: its power parts, protections and firmware."""
