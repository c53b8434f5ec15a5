"""The engine around the core: sockets, files, processes."""
