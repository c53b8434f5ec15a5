"""Participants without a browser, on the real protocol and real sockets: for rehearsals, load figures and tests."""
