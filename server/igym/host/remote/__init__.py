"""Launchers on other computers: who may attach to a session, what they may do there, and the files they fetch."""
