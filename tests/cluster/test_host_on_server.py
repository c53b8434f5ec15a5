"""Stories that are told of the host with its file, with the data on a server: nothing in them is different."""

# ruff: noqa: F403 the tests themselves are what is imported
from tests.host.test_cause_first import *
from tests.host.test_whole_path import *
