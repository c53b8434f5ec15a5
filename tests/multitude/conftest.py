from tests.cluster.conftest import bus, server

__all__ = ["bus", "server"]
