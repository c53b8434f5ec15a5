"""Where a study's tables are on a server: told by `database.json`, which stands where the SQLite file would."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from igym.host.base.errors import HostError
from igym.protocol.told import Told

PLACE_FILE = "database.json"
PASSWORD_VARIABLE = "PGPASSWORD"
SCHEMES = ("postgresql", "postgres")
LONGEST_NAME = 63
"""PostgreSQL cuts off longer ones."""


@dataclass(frozen=True)
class Place:
    """`url` holds no password; `schema` holds the tables of one experiment."""

    url: str
    schema: str

    @property
    def text(self) -> str:
        """For messages to the researcher."""
        return f"{urlsplit(self.url).hostname or 'this computer'}, schema {self.schema}"


def schema_of(experiment: str) -> str:
    """The schema of an experiment's tables."""
    name = f"igym_{experiment}"
    if len(name.encode()) <= LONGEST_NAME:
        return name
    return f"{name[:40]}_{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def checked_url(url: str) -> str:
    """The address without its password, which goes into the environment, where children and libpq find it.

    Raises `HostError` "bad_database" when it is none.
    """
    try:
        parts = urlsplit(url)
        has_name = parts.scheme in SCHEMES and bool(re.fullmatch(r"/[^/]+", parts.path))
        password = parts.password
    except ValueError:
        has_name, password = False, None
    if not has_name:
        raise HostError(
            "bad_database",
            Told(
                "--database takes the address of a PostgreSQL database, such as postgresql://igym@db.example.org/igym. "
                "Its password may stand in ~/.pgpass or in the variable PGPASSWORD."
            ),
        )
    if password is None:
        return url
    os.environ[PASSWORD_VARIABLE] = unquote(password)
    host = parts.netloc.rpartition("@")[2]
    user = quote(unquote(parts.username or ""), safe="")
    return urlunsplit(parts._replace(netloc=f"{user}@{host}"))


def place_beside(database: Path) -> Place | None:
    """The place told beside a SQLite file's path; None when the data are, or would be, in that file."""
    try:
        found = json.loads((database.parent / PLACE_FILE).read_text(encoding="utf-8"))
        return Place(str(found["url"]), str(found["schema"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HostError(
            "bad_database",
            Told(
                "{file} cannot be read ({error}). It says where the data are.",
                file=database.parent / PLACE_FILE,
                error=error,
            ),
        ) from error


def write_place(folder: Path, place: Place) -> None:
    """Tells everybody who looks into the data folder where the data are."""
    text = json.dumps({"url": place.url, "schema": place.schema}, indent=2)
    (folder / PLACE_FILE).write_text(text + "\n", encoding="utf-8")


def refuse_server(database: Path) -> None:
    """For what is done with a file; raises `HostError` when the data are on a server."""
    place = place_beside(database)
    if place is not None:
        raise HostError(
            "on_server",
            Told(
                "The data of this study are on a PostgreSQL server ({place}), not in a file. Copy them there with "
                "PostgreSQL's own tools: pg_dump --schema '{schema}'.",
                place=place.text,
                schema=place.schema,
            ),
        )


def has_data(database: Path) -> bool:
    """Whether there is anything to read: the file itself, or the place of the tables."""
    return database.is_file() or (database.parent / PLACE_FILE).is_file()
