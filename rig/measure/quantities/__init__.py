"""The numbers that are judged, one module a family."""
