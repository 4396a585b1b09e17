"""What feeds a device sinks, rises and comes back: at its energy input, or at the port of a consumer."""
