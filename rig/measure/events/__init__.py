"""Edges, stays and endings: where something happened."""
