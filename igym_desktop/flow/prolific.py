"""What a recruiting platform such as Prolific is given, and what a study needs for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from igym.host.export.payments import Payment
from igym_desktop.flow import study_edit as edit
from igym_desktop.i18n import tr

PARAMETERS = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")
COMPLETE = "https://app.prolific.com/submissions/complete?cc="


def study_link(address: str) -> str:
    """The link to paste: the platform fills in who comes. Empty while there is no address people can reach."""
    base = address.strip().rstrip("/")
    if not re.match(r"https?://[^\s/]+", base):
        return ""
    parameters = "&".join(f"{name}={{{{%{name}%}}}}" for name in PARAMETERS)
    return f"{base}/?{parameters}"


def redirect(code: str) -> str:
    """Where participants are sent at the end, so that the platform knows that they finished."""
    return f"{COMPLETE}{checked_code(code)}"


def checked_code(code: str) -> str:
    """A completion code as platforms take it; raises `ValueError` with a text for a person."""
    code = code.strip()
    if not re.fullmatch(r"[A-Za-z0-9_-]{4,60}", code):
        raise ValueError(tr("A completion code has 4 to 60 letters, digits, - or _."))
    return code


def prepared(document: Mapping[str, Any], code: str) -> tuple[edit.Document, str]:
    """The study with ids taken from the link and a page at the end with the code; and that page's id."""
    ids = {name: value for name, value in (document.get("participant_ids") or {}).items() if name != "allowed"}
    new = edit.set_value(document, ("participant_ids",), {**ids, "mode": "link"})
    page = code_page(new)
    if page is None:
        order = list(new.get("order") or ())
        last = edit.found(new, ("scenes", order[-1], "kind")) if order else None
        at = len(order) - 1 if last == "end" else len(order)
        table = {"kind": "completion_code", "header": tr("Your completion code")}
        new, page = edit.add(new, table, "code", edit.Spot(index=at))
    for name, value in (("code", checked_code(code)), ("redirect_url", redirect(code))):
        new = edit.set_value(new, ("scenes", page, name), value)
    return new, page


def code_page(document: Mapping[str, Any]) -> str | None:
    """The study's page with the completion code."""
    scenes = edit.scenes(document).items()
    return next((id for id, table in scenes if table.get("kind") == "completion_code"), None)


def steps() -> list[str]:
    """What to do on the platform, in order."""
    return [
        tr("Participants must be able to reach this computer from the internet: an address with https in front, made "
           "by your university's network or a tunnel. The address of the lab's own network is not enough."),
        tr("In Prolific, open your study, choose “External study link”, and paste the study link. Leave the parts in "
           "double braces as they are; Prolific fills them in."),
        tr("Choose “I'll use URL parameters” for recording ids."),
        tr("Under completion codes add the code from here, with the action you want, such as approving by hand."),
        tr("Start the session before you publish the study, and keep this app running until everybody is done."),
        tr("Afterwards payments.csv of the export names each person by their Prolific id with what they earned; paste "
           "id and amount into “Bonus payments”."),
    ]  # fmt: skip


def bonus_lines(payments: Iterable[Payment]) -> str:
    """`ID,AMOUNT` a line, without a header; nobody without a bonus, and no id that would break a line."""
    lines = [
        f"{payment.participant},{payment.amount:.2f}"
        for payment in payments
        if payment.amount > 0 and not set(payment.participant) & set(',"\r\n')
    ]
    return "".join(f"{line}\n" for line in lines)
