"""Events and records on disk: written, read, backed up and rescued, in a SQLite file or in PostgreSQL."""
