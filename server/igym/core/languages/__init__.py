"""What the server says to participants, by language: the English sentence → that language's."""

from collections.abc import Mapping

from igym.core.languages import ar, de, es, fr, it, nl, pt
from igym.protocol.told import Entry

TABLES: Mapping[str, Mapping[str, Entry]] = {
    "de": de.SENTENCES,
    "fr": fr.SENTENCES,
    "es": es.SENTENCES,
    "it": it.SENTENCES,
    "pt": pt.SENTENCES,
    "nl": nl.SENTENCES,
    "ar": ar.SENTENCES,
}
