"""Sentences of the server that participants read, in their language.

The English sentence is the key, as it also stands in the options' defaults: one that a researcher has changed is theirs
and stays as it is.
"""

from igym.core.languages import TABLES
from igym.experiment.words import Words
from igym.protocol.told import rendered


def is_built_in(sentence: str) -> bool:
    """Whether these are the program's own words, also as the default of an option that nobody has changed."""
    return not isinstance(sentence, Words) and sentence in TABLES["de"]


def said(language: str | None, sentence: str, **values: object) -> str:
    """The sentence in this language (a tag such as ``de-AT``), or as it is; ``{names}`` in it are filled in.

    What a researcher wrote in several languages is read in the nearest of those.
    """
    if isinstance(sentence, Words):
        return sentence.read_in(language)
    short = (language or "").lower().replace("_", "-").partition("-")[0]
    return rendered(TABLES.get(short, {}), short, sentence, **values)
