"""What the server says to participants, by language: the English sentence → that language's."""

from collections.abc import Mapping

from igym.core.languages import de
from igym.protocol.told import Entry

TABLES: Mapping[str, Mapping[str, Entry]] = {"de": de.SENTENCES}
