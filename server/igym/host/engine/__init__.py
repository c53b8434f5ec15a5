"""The engine: all parts of a session, put together, begun and ended."""
