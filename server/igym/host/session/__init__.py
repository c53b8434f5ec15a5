"""A running session between the core and the outside: its rows, its checkpoints, its control."""
