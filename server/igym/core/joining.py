"""Who may join under which id, and whose connection counts."""

import re
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from igym.core import conditions, hooks, lab_seats, past, plans, posted, presence
from igym.core.effects import CloseConnection, Refuse, Send
from igym.core.events import Connected, Disconnected, Joined
from igym.core.happenings import Greeted
from igym.core.limits import ARRIVAL_LIMIT_S
from igym.core.participant import ConnectionState, Participant
from igym.core.places import Absence, Spot
from igym.core.sentences import said
from igym.core.state import State
from igym.core.turn import Turn
from igym.experiment.design import AT_START
from igym.experiment.words import stored
from igym.protocol.client import Hello
from igym.protocol.server import Closed, Preload, Welcome
from igym.protocol.version import PROTOCOL_VERSION

LABEL_LENGTH = 60
Signed = Literal["", "once", "again", "broken"]
"""How a link is signed: not at all, for one browser, for coming back as well, or in a way that does not hold."""
_ID_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_WINDOWS_NAMES = frozenset(
    {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}
)


@dataclass(frozen=True)
class JoinRequest:
    """What a page sends when its join button is pressed."""

    label: str | None = None
    seat: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    language: str | None = None
    simulated: bool = False
    signed: Signed = ""
    own: str | None = None
    """Hash of the token that the browser has."""
    new: bool = False
    """At a lab computer: they say they are not the one before."""


@dataclass(frozen=True)
class JoinRefused:
    """``text`` is for the participant."""

    code: str
    text: str


def link_id(state: State, params: dict[str, str]) -> str | None:
    """The id a link carries, under the first of the experiment's parameter names that is there."""
    names = state.experiment.participant_ids.link_parameters
    return next((params[name].strip() for name in names if params.get(name, "").strip()), None)


def describe(
    state: State, params: dict[str, str], token_hash: str | None, seat: str | None, tab: str | None
) -> dict[str, Any]:
    """The answer to ``GET /api/join``; ``seat`` is the lab computer whose address was opened, ``tab`` of a page that
    was loaded again."""
    known = by_token(state, token_hash) if token_hash else None
    experiment = state.experiment
    mode = experiment.participant_ids.mode
    fixed = link_id(state, params) if mode in ("link", "label", "list") else None
    if known is not None and lab_seats.is_for_another(known, fixed, seat):
        known = None
    in_doubt = known is not None and lab_seats.is_in_doubt(known, fixed, seat, tab)
    return {
        "title": stored(experiment.title),
        "mode": "typed_label" if mode == "label" else mode,
        "known": known.id if known and not in_doubt else None,
        "in_doubt": in_doubt,
        "admission": admission(state),
        "labels": _free_labels(state) if mode == "list" else None,
        "languages": list(experiment.languages),
        "link_id": fixed,
        "games": bool(experiment.browser_games),
    }


def goes_on_as(state: State, request: JoinRequest) -> str | None:
    """Whose part the browser goes on with in which a join button was pressed; None: somebody joins."""
    known = by_token(state, request.own) if request.own else None
    fixed = link_id(state, request.params) if state.experiment.participant_ids.mode != "anonymous" else None
    if known is None or lab_seats.is_for_another(known, fixed, request.seat):
        return None
    # Whoever says they are new, and then gives the name of the one before, is that one.
    is_new = request.new and request.seat is not None and not lab_seats.is_called(known, request.label or "")
    return None if is_new else known.id


def admission(state: State) -> str:
    """``"open"``, ``"closed"`` (by the researcher, or the session ends), or ``"full"``."""
    if not state.admission_open or state.phase != "running":
        return "closed"
    listed = state.experiment.participant_ids.mode == "list"
    return "full" if (listed and not _free_labels(state)) or _is_full(state) else "open"


def _is_full(state: State) -> bool:
    """Whether every place is taken: of the session, or of the cells that are drawn before the first scene."""
    wanted, design = state.experiment.participants, state.experiment.assigned
    if wanted is not None and plans.places_taken(state) >= wanted:
        return True
    if design is None or design.assign != AT_START:
        return False
    return not design.open_cells(conditions.counts(state), state.closed_cells)


def by_token(state: State, token_hash: str) -> Participant | None:
    """The participant for whom this token (its hash) gives the right to act."""
    return state.participants.get(state.roster.tokens.get(token_hash, ""))


def admit(state: State, request: JoinRequest) -> Joined | JoinRefused:
    """Whether this person may join now, and as whom. Changes nothing; the host adds the token to the event."""
    admitted = _admit(state, request)
    if isinstance(admitted, JoinRefused):
        return JoinRefused(admitted.code, said(request.language, admitted.text))
    return admitted


def _admit(state: State, request: JoinRequest) -> Joined | JoinRefused:
    label = _label(state, request)
    if isinstance(label, JoinRefused):
        return label
    before = lab_seats.who_gives_way(state, request.own, request.seat) if request.new else None
    given_way = before.id if before is not None else ""
    moved = _transferred(state, request) or _returning(state, request, label)
    if moved is not None:
        return Joined(moved.id, moved.label, request.seat, request.params, request.language, instead_of=given_way)
    refused = _refusal(state, request, label, given_way)
    if refused:
        return refused
    made, simulated = _new_id(state, label), request.simulated
    joined = Joined(made, label, request.seat, request.params, request.language, simulated=simulated)
    return replace(joined, instead_of=given_way)


def _label(state: State, request: JoinRequest) -> str | JoinRefused | None:
    ids = state.experiment.participant_ids
    if ids.mode == "anonymous":
        return None
    if ids.mode == "link" and request.signed == "broken":
        return JoinRefused("link_broken", "This link is not complete, or was changed. Please open it as you got it.")
    if ids.mode == "link" and ids.signed_only and not (request.signed or request.simulated):
        return JoinRefused("link_unsigned", "Please open the personal link you were given.")
    linked = link_id(state, request.params)
    given = linked if ids.mode == "link" else (request.label or "").strip() or linked
    if not given:
        missing = {
            "link": "This link carries no participant id. Please use the link you were given.",
            "list": "Please choose or type the name you were given.",
        }
        return JoinRefused("label_missing", missing.get(ids.mode, "Please type your name or number."))
    if len(given) > LABEL_LENGTH or not given.isprintable():
        text = said(request.language, "Please use at most {most} ordinary characters.", most=LABEL_LENGTH)
        return JoinRefused("label_invalid", text)
    if ids.mode != "list":
        return given
    known = next((allowed for allowed in ids.allowed if allowed.casefold() == given.casefold()), None)
    unknown = JoinRefused("label_unknown", "This name is not on the list. Please check it, or ask the experimenter.")
    return known or unknown


def _transferred(state: State, request: JoinRequest) -> Participant | None:
    """Someone whom the researcher moved to this seat takes up their own session there."""
    if request.seat is None:
        return None
    waiting = (state.participants[who] for who in state.roster.transfers.get(request.seat, ()))
    return min(waiting, key=lambda person: person.number, default=None)


def _returning(state: State, request: JoinRequest, label: str | None) -> Participant | None:
    """Whoever comes with their own signed link is who they say, in whatever browser."""
    if request.signed != "again" or label is None or state.experiment.participant_ids.mode != "link":
        return None
    return state.participants.get(state.roster.labels.get(label.casefold(), ""))


def _refusal(state: State, request: JoinRequest, label: str | None, given_way: str) -> JoinRefused | None:
    closed = {
        "closed": "This session does not take new participants at the moment. Please ask the experimenter.",
        "full": "All places of this session are taken. Please ask the experimenter.",
    }.get(admission(state))
    if closed:
        return JoinRefused(f"admission_{admission(state)}", closed)
    if label is not None and label.casefold() in state.roster.labels:
        return JoinRefused("label_taken", "Somebody already takes part under this name. Please ask the experimenter.")
    if request.seat is not None and not re.fullmatch(r"[\w .\-]{1,40}", request.seat):
        return JoinRefused("seat_invalid", "This seat address is not valid. Please ask the experimenter.")
    sitting = [who for who in state.roster.seats.get(request.seat or "", ()) if who != given_way]
    if any(not state.participants[who].is_final for who in sitting):
        return JoinRefused("seat_taken", "Somebody already takes part at this computer. Please ask the experimenter.")
    return None


def _free_labels(state: State) -> list[str]:
    return [label for label in state.experiment.participant_ids.allowed if state.called(label) is None]


def _new_id(state: State, label: str | None) -> str:
    """Safe as a file name on every system, and unique there too, where upper and lower case may be one.

    Names of exported files say `_s2` for a second session and `_m2` for a second match; no id ends like that.
    """
    number = len(state.participants) + 1
    if label is None:
        rng = state.make_rng(f"participant id {number}")
        wanted = f"p{number:03d}-" + "".join(rng.choice(_ID_ALPHABET) for _ in range(4))
    else:
        wanted = re.sub(r"[^A-Za-z0-9_-]+", "_", label)[:48].strip("_-") or f"p{number:03d}"
        wanted = re.sub(r"_(?=[sm]\d+$)", "-", wanted, flags=re.IGNORECASE)
    if wanted.casefold() in _WINDOWS_NAMES:
        wanted = f"p_{wanted}"
    candidate, suffix = wanted, 2
    while candidate.casefold() in state.roster.ids:
        candidate, suffix = f"{wanted}-{suffix}", suffix + 1
    return candidate


def on_joined(turn: Turn, event: Joined) -> None:
    before = turn.state.participants.get(event.instead_of)
    if before is not None:
        _send_off(turn, before, event.seat)
    known = turn.state.participants.get(event.participant)
    if known is not None:
        _moved(turn, known, event)
        return
    person = Participant(
        id=event.participant,
        number=len(turn.state.participants) + 1,
        label=event.label,
        seat=event.seat,
        params=dict(event.params),
        language=event.language,
        token_hash=event.token_hash,
        joined_at=turn.now,
        last_seen=turn.now,
        simulated=event.simulated,
        absence=Absence(turn.now, Spot("entry")),
    )
    past.begin(turn.state, person)
    turn.record("joined", person, label=person.label, seat=person.seat, params=person.params, language=person.language)
    if person.simulated:
        turn.record("simulated", person)
    plans.draw(turn, person)
    turn.state.deadlines.set("arrival", person.id, turn.now + ARRIVAL_LIMIT_S)
    hooks.run(turn, "on_join", person)


def _send_off(turn: Turn, before: Participant, seat: str | None) -> None:
    if before.live is not None:
        text = "Somebody new takes part at this computer now. You can close this page."
        _close_page(turn, before, before.live, "refused", text, "This page is no longer used")
        before.live = None
    lab_seats.make_way(turn, before, seat)


def _moved(turn: Turn, person: Participant, event: Joined) -> None:
    """A transfer, or a signed link opened elsewhere: the new browser's token counts, the old one's page is closed."""
    if person.live is not None:
        _close_page(turn, person, person.live, "taken_over", "This session goes on at another computer.")
        presence.went_away(turn, person, "transferred")
    by_link = person.transfer_to is None
    past.token(turn.state, person, event.token_hash)
    past.transfer(turn.state, person, None)
    past.seat(turn.state, person, event.seat or (person.seat if by_link else None))
    turn.record("joined", person, label=person.label, seat=person.seat, transferred=not by_link, by_link=by_link)


def on_connected(turn: Turn, event: Connected) -> None:
    person = turn.state.participants[event.participant]
    person.greeting.add(event.connection)


def on_disconnected(turn: Turn, event: Disconnected) -> None:
    person = turn.state.participants[event.participant]
    person.greeting.discard(event.connection)
    if person.live == event.connection:
        person.live = None
        presence.went_away(turn, person, event.reason or "disconnected")


def on_hello(turn: Turn, person: Participant, connection: str, message: Hello) -> None:
    if message.protocol != PROTOCOL_VERSION:
        text = "This page is older than the running session. Please reload it."
        turn.do(Refuse(person.id, "hello", "protocol_version", text, connection))
        return
    if _must_stay_out(turn, person, connection, message):
        text = "This study is already open in another tab or window. Please go on there, and close this one."
        _close_page(turn, person, connection, "refused", text)
        return
    _take_over(turn, person, connection, message)
    page_lives = message.tab == person.tab and message.visit is not None
    same_page = page_lives and _shows(person, message.visit)
    person.greeting.discard(connection)
    person.live, person.tab, person.browser = connection, message.tab, message.browser
    if not page_lives:
        person.loaded, person.progress = False, None
    _greet(turn, person, page_lives, same_page)


def _shows(person: Participant, visit: int | None) -> bool:
    return person.visit is not None and person.visit.number == visit


def _must_stay_out(turn: Turn, person: Participant, connection: str, message: Hello) -> bool:
    other_tab = person.live not in (None, connection) and message.tab != person.tab
    alive = person.connection is ConnectionState.CONNECTED
    return other_tab and alive and turn.state.experiment.participant_ids.second_tab == "refuse"


def _take_over(turn: Turn, person: Participant, connection: str, message: Hello) -> None:
    if person.live in (None, connection):
        return
    if message.tab != person.tab:
        text = "This study was opened in another tab or window, and goes on there. You can close this one."
        _close_page(turn, person, str(person.live), "taken_over", text)
    else:
        turn.do(CloseConnection(str(person.live), "replaced"))


def _close_page(turn: Turn, person: Participant, connection: str, outcome: str, text: str, header: str = "") -> None:
    header = header or {"taken_over": "Continued elsewhere", "refused": "Already open"}[outcome]
    header = said(person.language, header)
    closed = Closed(outcome=outcome, header=header, body=f"<p>{said(person.language, text)}</p>")  # type: ignore[arg-type]
    turn.do(Send(person.id, closed, connection))
    turn.do(CloseConnection(connection, outcome))


def _greet(turn: Turn, person: Participant, page_lives: bool, same_page: bool) -> None:
    turn.record("browser", person, new_page=not page_lives, **(person.browser.model_dump() if person.browser else {}))
    turn.send(person, _welcome(turn, person))
    turn.state.deadlines.cancel("arrival", person.id)
    # Marked before anything follows from the return: the whole page comes once, as things stand then.
    turn.show(person)
    presence.came_back(turn, person, fresh=not same_page)
    posted.show_unread(turn, person)
    turn.tell(Greeted(person))


def _welcome(turn: Turn, person: Participant) -> Welcome:
    experiment = turn.state.experiment
    gym = experiment.browser_games
    packages = sorted({package for scene in gym for package in scene.runtime_options.packages})
    return Welcome(
        protocol=PROTOCOL_VERSION,
        session=turn.state.session_id,
        participant=person.id,
        label=person.label,
        title=said(person.language, experiment.title),
        language=person.language,
        globals=dict(person.globals),
        preload=Preload(packages=packages, bundles=[scene.id for scene in gym]),
        server_ms=turn.now_ms,
    )
