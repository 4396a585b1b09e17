"""Instruments: links, role protocols and one driver per model family. Returns plain records; knows no bench."""
