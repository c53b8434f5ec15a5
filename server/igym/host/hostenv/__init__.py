"""Envs stepped on the host: one process per match, and the engine's side of it."""
