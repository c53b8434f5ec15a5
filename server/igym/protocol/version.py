"""The version both sides must share; raised whenever a message changes its meaning or its fields."""

PROTOCOL_VERSION = 1
ROWS_VERSION = 1
RELAY_VERSION = 1
HOST_VIEW_VERSION = 1
