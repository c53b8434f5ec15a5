"""The launcher: a Qt application around the engine."""
