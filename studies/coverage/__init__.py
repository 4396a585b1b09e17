"""How often our intervals hold the truth: exact captures seen through benches whose errors are drawn anew each time."""
