"""Work that need not run beside a session: handed to workers over a queue on the database server."""
