"""What the whole host stands on: clocks, errors, files, the log, the network cards."""
