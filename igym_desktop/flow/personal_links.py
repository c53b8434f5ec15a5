"""Personal links of a study: signed, so that nobody can guess another one or change the id in their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from igym.core.joining import LABEL_LENGTH
from igym.host.base.errors import HostError
from igym.host.base.network import advertised_address, join_url
from igym.host.web.links import as_csv, links, make_key
from igym_desktop.flow.papers import seats_of
from igym_desktop.flow.settings import Settings
from igym_desktop.i18n import tr

MOST = 5000


def id_options(info: Mapping[str, Any]) -> Mapping[str, Any]:
    """How a described study names its participants."""
    found = ((info.get("configuration") or {}).get("experiment") or {}).get("participant_ids")
    return found if isinstance(found, Mapping) else {}


def takes_links(info: Mapping[str, Any]) -> bool:
    """Whether ids come from the link."""
    return bool(id_options(info).get("mode") == "link")


def likely_address(settings: Settings) -> str:
    """Where a session will be reached with these settings; empty without a network."""
    try:
        address = advertised_address(settings.address or None)
    except HostError:
        return ""
    return join_url(address, settings.port, secure=bool(settings.tls_certificate))


def ids_of(text: str) -> list[str]:
    """`P001-P100, anna` → every id; raises `ValueError` with a text for a person."""
    found = seats_of(text, MOST)
    for who in found:
        if len(who) > LABEL_LENGTH or not who.isprintable():
            raise ValueError(
                tr("“{id}” cannot be an id: at most {most} ordinary characters.", id=who[:80], most=LABEL_LENGTH)
            )
    return found


def make_links(
    data_root: Path, info: Mapping[str, Any], ids: Sequence[str], address: str, *, once: bool
) -> list[tuple[str, str]]:
    """(id, link) of each; raises `ValueError` with a text for a person."""
    parameters = id_options(info).get("link_parameters") or ["participant"]
    if not address.startswith(("http://", "https://")):
        raise ValueError(tr("The address begins with http:// or https://, such as http://10.0.0.5:8080."))
    try:
        key = make_key(data_root / str(info["id"]))
    except OSError as error:
        raise ValueError(
            tr("The key that signs the links could not be written to the data folder: {why}", why=error)
        ) from error
    return links(key, ids, address, str(parameters[0]), once=once)


def write_links(file: Path, found: Sequence[tuple[str, str]]) -> None:
    """As a table, for a mail merge; raises `OSError`."""
    file.write_text(as_csv(found), encoding="utf-8")
