"""The store's tables on a PostgreSQL server, for studies that run on more than one computer."""
