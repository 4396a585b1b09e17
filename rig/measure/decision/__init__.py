"""From a number and a limit to a verdict."""
