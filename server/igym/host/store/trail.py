"""The event log as a chain: each committed group carries the hash of the one before.

Whoever can change a file can change its hash too; but a code of the chain's head that was written on paper cannot be
made to fit another past. Bodies enter as salted hashes: when one is erased on request, its hash stays and its salt
goes, so that the chain holds and nobody can find out by trying what the body said.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from igym.host.store.sql import Sql, has_table, insert
from igym.protocol.told import Told, together

START = "igym-trail/1"
EVENT = -1
"""An event's place among the items of its number; records follow from 0."""
CODE_LETTERS = 20
Item = tuple[int, int, tuple[object, ...], str]
"""(event number, place, what else is known of it, body)."""

# SQLite writes numbers as its version likes; Python's shortest form is the same everywhere.
_EVENTS = "SELECT seq, -1 AS n, body, at, type, participant FROM events"
_RECORDS = "SELECT seq, n, body, at, kind, participant, match, scene FROM records"


@dataclass(frozen=True)
class TrailHead:
    """The newest link: `events` are covered by the chain, `before` were recorded when there was none."""

    head: str
    last_seq: int
    at: float
    events: int
    before: int

    @property
    def code(self) -> str:
        """Five groups of four letters, for paper."""
        return code_of(self.head)


@dataclass(frozen=True)
class TrailFinding:
    """What a check of one session's chain found. `text` is for the researcher."""

    session: str
    result: str
    """"whole", "none" (recorded before the chain), "erased", or "broken"."""
    text: str
    code: str = ""
    erased_items: int = 0

    @property
    def ok(self) -> bool:
        return self.result != "broken"


def code_of(head: str) -> str:
    """The short form of a head (hex)."""
    letters = base64.b32encode(bytes.fromhex(head)).decode()[:CODE_LETTERS]
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LETTERS, 4))


def plain_code(code: str) -> str:
    """As somebody may type it: small letters, other spaces, and the digits that a 0 or 1 on paper looked like."""
    kept = "".join(letter for letter in code.upper() if letter.isalnum()).replace("0", "O").replace("1", "I")
    return "-".join(kept[at : at + 4] for at in range(0, len(kept), 4))


# ---------------------------------------------------------------------------------------------------------- writing


def link(connection: Sql, session: str, events: Sequence[Sequence[Any]], records: Sequence[Sequence[Any]]) -> None:
    """Adds the link of a group that this transaction has just inserted.

    `events` and `records`: rows of their tables, with all columns. The head is made of these and not of what the
    tables give back, which is the same: whoever checks it makes it of that.
    """
    if not events:
        return
    items = [_of_event(*row) for row in sorted(events, key=_number)]
    items += [_of_record(*row) for row in sorted(records, key=_place)]
    first, last = items[0][0], items[len(events) - 1][0]
    salts = [secrets.token_bytes(16) for _ in items]
    insert(
        connection, "trail_items",
        [(session, seq, n, salt, None) for (seq, n, _, _), salt in zip(items, salts, strict=True)],
    )  # fmt: skip
    digest = hashlib.sha256(bytes.fromhex(_head_before(connection, session, first)))
    for (seq, n, facts, body), salt in zip(items, salts, strict=True):
        _take_in(digest, seq, n, facts, _body_hash(salt, body))
    at = max(row[2] for row in events)
    connection.execute("INSERT INTO trail VALUES (?, ?, ?, ?, ?)", (session, first, last, at, digest.hexdigest()))


def _of_event(session: str, seq: int, at: float, kind: str, participant: str | None, body: str) -> Item:
    return seq, EVENT, (_moment(at), kind, participant), body


def _of_record(session: str, seq: int, n: int, at: float, *facts: Any) -> Item:
    return seq, n, (_moment(at), *facts[:-1]), facts[-1]


def _moment(at: float) -> float:
    """As every table gives it back: a whole number with a point, and a nought without its sign, which some keep."""
    return float(at) + 0.0


def _number(event: Sequence[Any]) -> int:
    return int(event[1])


def _place(record: Sequence[Any]) -> tuple[int, int]:
    return record[1], record[2]


def keep_hashes(connection: Sql, session: str, items: Iterable[tuple[int, int, str]]) -> None:
    """Before bodies are erased: (event number, place, body). Items that are no part of the chain are left alone."""
    if not has_trail(connection):
        return
    for seq, n, body in list(items):
        row = _salt(connection, session, seq, n)
        if row is not None and row["salt"] is not None:
            kept = _body_hash(row["salt"], body)
            sql = "UPDATE trail_items SET kept = ?, salt = NULL WHERE session = ? AND seq = ? AND n = ?"
            connection.execute(sql, (kept, session, seq, n))


def _head_before(connection: Sql, session: str, first: int) -> str:
    sql = "SELECT head FROM trail WHERE session = ? AND last_seq < ? ORDER BY last_seq DESC LIMIT 1"
    row = connection.execute(sql, (session, first)).fetchone()
    return str(row["head"]) if row is not None else _start(session, first)


def _start(session: str, first: int) -> str:
    return _hash([START, session, first])


def _next_head(connection: Sql, session: str, first: int, last: int, before: str) -> str:
    sql = "SELECT seq, n, salt, kept FROM trail_items WHERE session = ? AND seq BETWEEN ? AND ?"
    kept = {(row["seq"], row["n"]): row for row in connection.execute(sql, (session, first, last))}
    digest = hashlib.sha256(bytes.fromhex(before))
    for seq, n, facts, body in _items(connection, session, first, last):
        _take_in(digest, seq, n, facts, _hash_of_body(kept.get((seq, n)), body))
    return digest.hexdigest()


def _take_in(digest: hashlib._Hash, seq: int, n: int, facts: Sequence[object], hash_of_body: bytes) -> None:
    digest.update(bytes.fromhex(_hash([seq, n, *facts])))
    digest.update(hash_of_body)


def _items(connection: Sql, session: str, first: int, last: int) -> Iterator[Item]:
    for sql in (_EVENTS, _RECORDS):
        found = connection.execute(
            f"{sql} WHERE session = ? AND seq BETWEEN ? AND ? ORDER BY seq, n", (session, first, last)
        )
        for seq, n, body, at, *facts in found.fetchall():
            yield seq, n, (_moment(at), *facts), body


def _hash_of_body(row: Any, body: str) -> bytes:
    if row is None:
        return b"not in the chain"
    if row["kept"] is not None:
        # Only what is visibly erased may stand on a kept hash: anything else would be a change in disguise.
        return bytes(row["kept"]) if is_erased(body) else b"changed after erasing"
    return _body_hash(row["salt"], body)


def _salt(connection: Sql, session: str, seq: int, n: int) -> Any:
    sql = "SELECT salt, kept FROM trail_items WHERE session = ? AND seq = ? AND n = ?"
    return connection.execute(sql, (session, seq, n)).fetchone()


def is_erased(body: str) -> bool:
    """The forms that erasing leaves: an empty record, an event whose message lost its content, a joining of nobody."""
    try:
        found = json.loads(body)
    except ValueError:
        return False
    if found == {"erased": True}:
        return True
    if isinstance(found, dict) and found.get("erased") is True:
        emptied = {"joined": ("label", "params"), "answered": ("value", "error")}.get(str(found.get("type")), ())
        return bool(emptied) and not any(found.get(name) for name in emptied)
    message = found.get("message") if isinstance(found, dict) else None
    return isinstance(message, dict) and message.get("payload") == {"erased": True}


def _body_hash(salt: bytes, body: str) -> bytes:
    return hashlib.sha256(salt + body.encode("utf-8", "surrogatepass")).digest()


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=True).encode()).hexdigest()


# ---------------------------------------------------------------------------------------------------------- reading


def read_head(connection: Sql, session: str) -> TrailHead | None:
    """The newest link of a session; None when it was recorded before the chain."""
    if not has_trail(connection):
        return None
    sql = "SELECT head, last_seq, at FROM trail WHERE session = ? ORDER BY last_seq DESC LIMIT 1"
    row = connection.execute(sql, (session,)).fetchone()
    if row is None:
        return None
    first = connection.execute("SELECT min(first_seq) FROM trail WHERE session = ?", (session,)).fetchone()[0]
    sql = "SELECT count(*), count(CASE WHEN seq < ? THEN 1 END) FROM events WHERE session = ?"
    total, before = connection.execute(sql, (first, session)).fetchone()
    return TrailHead(row["head"], row["last_seq"], row["at"], total - before, before)


def has_trail(connection: Sql) -> bool:
    """Whether the file's tables know the chain."""
    return has_table(connection, "trail")


def check(connection: Sql, session: str, wanted: Sequence[str] = ()) -> TrailFinding:
    """Goes along a session's chain. `wanted`: heads (hex) or codes that were shown; each has to be one of its links."""
    if connection.execute("SELECT erased_at FROM sessions WHERE id = ?", (session,)).fetchone()["erased_at"]:
        return TrailFinding(
            session, "erased", Told("The data of session {session} were erased because of their age.", session=session)
        )
    head = read_head(connection, session)
    if head is None:
        return _without_chain(session, wanted)
    passed: set[str] = set()
    before, reached = "", None
    for row in connection.execute("SELECT * FROM trail WHERE session = ? ORDER BY last_seq", (session,)).fetchall():
        first, last = row["first_seq"], row["last_seq"]
        before = before or _start(session, first)
        if reached is not None and first <= reached:
            return _broken(
                session,
                Told(
                    "The log of session {session} holds event {event} twice in its chain.", session=session, event=first
                ),
            )
        before = _next_head(connection, session, first, last, before)
        if before != row["head"]:
            text = Told(
                "The log of session {session} was changed: events {first} to {last} are not as they were recorded.",
                session=session,
                first=first,
                last=last,
            )
            return _broken(session, text)
        passed |= {before, code_of(before)}
        reached = last
    return _judged(connection, session, head, passed, wanted)


def _judged(connection: Sql, session: str, head: TrailHead, passed: set[str], wanted: Sequence[str]) -> TrailFinding:
    outside = _outside(connection, session)
    if outside:
        return _broken(
            session,
            Told(
                "The log of session {session} holds {number} entries that are no part of its chain.",
                session=session,
                number=outside,
            ),
        )
    unasked = _erased_unasked(connection, session)
    if unasked:
        text = Told(
            "Entries of {participants} in session {session} were emptied, but nobody is recorded to have asked.",
            participants=", ".join(unasked),
            session=session,
        )
        return _broken(session, text)
    for code in wanted:
        if code not in passed:
            shown = code if "-" in code else code_of(code)
            text = Told(
                "{code} is no point of session {session}: something before it was removed or changed since.",
                code=shown,
                session=session,
            )
            return _broken(session, text)
    sql = "SELECT count(*) FROM trail_items WHERE session = ? AND kept IS NOT NULL"
    erased = int(connection.execute(sql, (session,)).fetchone()[0])
    told = [
        Told(
            "The log of session {session} is whole: {events} events, code {code}.",
            session=session,
            events=head.events,
            code=head.code,
        )
    ]
    told += [Told("{number} events were recorded before the chain.", number=head.before)] if head.before else []
    told += [Told("{number} entries were erased on request; their hashes are there.", number=erased)] if erased else []
    return TrailFinding(session, "whole", together(*told), head.code, erased)


def _outside(connection: Sql, session: str) -> int:
    """Entries from the chain's first event on that no link covers."""
    total = 0
    for table in ("events", "records"):
        sql = f"""SELECT count(*) FROM {table} e WHERE session = ?
            AND seq >= (SELECT min(first_seq) FROM trail WHERE session = e.session)
            AND NOT EXISTS (SELECT 1 FROM trail t WHERE t.session = e.session AND e.seq BETWEEN first_seq AND last_seq)
            """
        total += int(connection.execute(sql, (session,)).fetchone()[0])
    return total


def _erased_unasked(connection: Sql, session: str) -> list[str]:
    """Participants whose entries stand on kept hashes, though no withdrawal with erasure is in the chain."""
    asked = set()
    sql = "SELECT participant, body FROM records WHERE session = ? AND kind = 'withdrawn'"
    for row in connection.execute(sql, (session,)):
        asked |= {row["participant"]} if json.loads(row["body"]).get("erase") else set()
    erased: set[str] = set()
    for table, place in (("events", "-1"), ("records", "e.n")):
        sql = f"""SELECT DISTINCT participant FROM {table} e JOIN trail_items t
            ON t.session = e.session AND t.seq = e.seq AND t.n = {place} WHERE e.session = ? AND t.kept IS NOT NULL"""
        erased |= {str(row["participant"]) for row in connection.execute(sql, (session,))}
    return sorted(erased - asked)


def _without_chain(session: str, wanted: Sequence[str]) -> TrailFinding:
    if wanted:
        return _broken(
            session, Told("The chain of session {session} was removed: a code of it was shown before.", session=session)
        )
    return TrailFinding(session, "none", Told("Session {session} was recorded before the chain.", session=session))


def _broken(session: str, text: str) -> TrailFinding:
    return TrailFinding(session, "broken", text)
