"""How well a number is known."""
