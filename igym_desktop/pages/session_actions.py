"""What a researcher can do to a running session: each action asks, sends a command and tells the outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QMenu

from igym_desktop.flow.form import items
from igym_desktop.flow.words import ENDED
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import Page, action
from igym_desktop.widgets.web_pages import open_address, tell_address
from igym_desktop.windows.dialogs import ask, confirm
from igym_desktop.windows.message import MessageDialog
from igym_desktop.windows.receipt import Receipt, ReceiptDialog, ReceiptWatch, show_receipt

Row = Mapping[str, Any]


def scene_titles(info: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(id, title) of every scene, in order, from what `igym describe` said."""
    form = info.get("form")
    titled = {item.id: item.title for item in items(form)} if isinstance(form, Mapping) else {}
    scenes = [scene for scene in info.get("scenes") or () if isinstance(scene, Mapping)]
    return [(str(scene["id"]), titled.get(str(scene["id"]), str(scene["id"]))) for scene in scenes]


class SessionActions:
    """Bound to one page, whose banner shows refusals."""

    def __init__(self, launcher: Launcher, page: Page) -> None:
        self.launcher = launcher
        self.page = page
        self.receipt: ReceiptDialog | None = None
        self._watches: list[ReceiptWatch] = []

    def run(
        self, name: str, args: Mapping[str, Any], reason: str = "", done: Callable[[Any], None] | None = None
    ) -> None:
        """Sends one command; a refusal is shown on the page."""

        def answered(reply: Any) -> None:
            if not reply.ok:
                self.page.banner.say("stop", reply.text or tr("The server refused this."))
            elif done:
                done(reply.result)

        self.launcher.engine.command(name, args, reason, answered)

    def menu_for(self, rows: Sequence[Row], menu: QMenu) -> None:
        """Fills a menu with what can be done with these participants."""
        menu.clear()
        going_on = [row for row in rows if row.get("state") not in ENDED]
        who = self._who(rows)
        action(menu, tr("Message…"), "message", partial(self.message, rows))
        move = menu.addMenu(tr("Move to scene"))
        move.setEnabled(bool(going_on))
        for scene, title in self.scenes():
            action(move, title, "move", partial(self._ask_to_move, going_on, scene, title))
        for words, icon, name, text in (
            (tr("Restart the scene"), "refresh", "restart_scene", tr("{who} begins the current scene again.", who=who)),
            (
                tr("Queue again"),
                "hourglass",
                "requeue",
                tr("{who} goes back to the waiting room of the scene.", who=who),
            ),
            (tr("Close the chat"), "stop", "mute", tr("{who} can read the chat and write nothing more.", who=who)),
            (tr("Open the chat again"), "message", "unmute", tr("{who} can write in the chat again.", who=who)),
            (tr("Replace with a bot"), "bot", "replace_with_bot", tr("A bot plays on instead of {who}.", who=who)),
        ):
            entry = action(menu, words, icon, partial(self._ask_reason, going_on, name, words, text))
            entry.setEnabled(bool(going_on))
        transfer = action(menu, tr("Transfer to another seat…"), "session", partial(self._ask_seat, rows))
        transfer.setEnabled(len(rows) == 1)
        match = str(rows[0].get("match_id") or "") if len(rows) == 1 else ""
        action(menu, tr("Watch live"), "eye", partial(self.watch, match)).setEnabled(bool(match))
        menu.addSeparator()
        exclude = action(menu, tr("Exclude…"), "exclude", partial(self.exclude, going_on))
        exclude.setEnabled(bool(going_on))
        action(menu, tr("Withdraw…"), "trash", partial(self.withdraw, rows))

    def watch(self, match: str) -> None:
        """Opens a live view of a match in this computer's browser; its players notice nothing."""

        def answered(result: Any) -> None:
            base = self.launcher.engine.join_url.rstrip("/")
            language = self.launcher.settings.language
            url = f"{base}{result['path']}&lang={language}"
            told = tr("The match is open in your browser; its players notice nothing.")
            tell_address(self.page.banner, told, url, opened=open_address(url))

        self.run("watch", {"match": match}, done=answered)

    def scenes(self) -> list[tuple[str, str]]:
        """(id, title) of the running experiment's scenes."""
        plan = self.launcher.engine.plan
        if self.launcher.engine.server is not None:
            return [(scene, scene) for scene in self.launcher.engine.scenes]
        entry = self.launcher.entry_of(plan.folder) if plan else None
        listed = scene_titles(entry.info) if entry else []
        if listed:
            return listed
        known = {
            str(row.get("scene_id")) for row in self.launcher.engine.mirror.participants.values() if row.get("scene_id")
        }
        return [(scene, scene) for scene in sorted(known)]

    def message_all(self) -> None:
        """A line of text on every participant's screen."""
        self._ask_message("all", tr("Message to all participants"))

    def message(self, rows: Sequence[Row]) -> None:
        """A line of text on some participants' screens."""
        for_whom = [str(row["id"]) for row in rows]
        self._ask_message(for_whom, tr("Message to {who}", who=self._who(rows)))

    def exclude(self, rows: Sequence[Row]) -> None:
        """Their part in the session ends; partners are told."""
        if rows:
            self._ask_reason(
                rows,
                "exclude",
                tr("Exclude"),
                tr(
                    "{who} sees the closing page, and the session "
                    "ends there "
                    "for them. "
                    "Partners in "
                    "a match "
                    "are told. "
                    "The data stay.",
                    who=self._who(rows),
                ),
                kind="danger",
            )

    def withdraw(self, rows: Sequence[Row]) -> None:
        """They no longer take part; their data stay or are erased."""
        ask(
            self.page,
            tr("Withdraw {who}", who=self._who(rows)),
            tr(
                "Erasing removes their rows and answers for good; what their partners' browsers recorded is "
                "kept, and a receipt is written."
            ),
            [
                ("keep", tr("Withdraw, keep data"), "primary"),
                ("erase", tr("Withdraw and erase"), "danger"),
                ("cancel", tr("Cancel"), ""),
            ],
            lambda key, reason: None if key == "cancel" else self._withdraw(rows, reason, erase=key == "erase"),
            prompt=tr("Reason (for the record)"),
        )

    def _withdraw(self, rows: Sequence[Row], reason: str, *, erase: bool) -> None:
        for row in rows:
            who = str(row["id"])
            then = partial(self._await_receipt, who) if erase else None
            self.run("withdraw", {"participant": who, "erase": erase}, reason, then)

    def _await_receipt(self, who: str, _: Any) -> None:
        """The engine erases after it has answered; what was done with every copy is shown when it is done."""
        engine = self.launcher.engine
        if engine.plan is None or not engine.plan.keeps_data:
            return
        if engine.server is not None:
            self.page.banner.say(
                "go",
                tr(
                    "The data of {who} are being erased on {server}; the receipt is written there. Fetch the files "
                    "again, so that the copy on this computer loses them too.",
                    who=who, server=engine.server.shown,
                ),
            )  # fmt: skip
            return
        self.page.banner.say("info", tr("The data of {who} are being erased…", who=who))
        late = partial(
            self.page.banner.say, "warn",
            tr("No receipt of erasing {who} has been written yet. Look at the problems and at the Data page.", who=who),
        )  # fmt: skip
        session = str(engine.mirror.session.get("id") or engine.plan.session)
        self._watches.append(
            ReceiptWatch(engine.plan.data_folder, session, who, partial(self._erased, who), late, self.page)
        )

    def _erased(self, who: str, receipt: Receipt) -> None:
        again = partial(show_receipt, *receipt, self.page)
        self.page.banner.say("go", tr("The data of {who} were erased.", who=who), (tr("Show the receipt"), again))
        self.receipt = again()

    def ask_to_end(self, people: str, unfinished: Sequence[str] = ()) -> None:
        """Ends the session for everyone, or only stops the server; `unfinished`: a line for each who did not finish."""
        plan = self.launcher.engine.plan
        if self.launcher.engine.server is not None:
            self._ask_to_end_there(self.launcher.engine.server.shown, people, unfinished)
            return
        if plan is not None and not plan.keeps_data:
            self._ask_to_end_unkept(people, unfinished)
            return
        ask(
            self.page,
            tr("End the session?"),
            tr(
                "{people}\nEnding shows everyone the closing page and writes all files. Stopping only the server "
                "keeps every place: "
                "you can resume later and everyone goes on where they were.",
                people=people,
            ),
            [
                ("end", tr("End session"), "danger"),
                ("stop", tr("Stop server, resume later"), ""),
                ("cancel", tr("Cancel"), ""),
            ],
            lambda key, _: None if key == "cancel" else self.launcher.engine.stop(end_session=key == "end"),
            listing="\n".join(unfinished),
        )

    def _ask_to_end_there(self, server: str, people: str, unfinished: Sequence[str]) -> None:
        """The server outlives the session until its files are fetched; starting it again is done where it runs."""
        if self.launcher.engine.mirror.session.get("state") == "ended":
            confirm(
                self.page,
                tr("Stop the server?"),
                tr(
                    "{server} writes its last files and stops. After that nothing can be fetched from this window: "
                    "fetch the files first.",
                    server=server,
                ),
                tr("Stop the server"),
                lambda _: self.run("stop_engine", {}, done=lambda _: self.launcher.engine.leave()),
                kind="danger",
            )
            return
        confirm(
            self.page,
            tr("End the session?"),
            tr(
                "{people}\nEnding shows everyone the closing page and writes all files on {server}, which goes on so "
                "that they can be fetched. To let nobody in for a while, close admission instead.",
                people=people, server=server,
            ),
            tr("End session"),
            lambda _: self.run("end_session", {}, tr("ended from the launcher")),
            kind="danger",
            listing="\n".join(unfinished),
        )  # fmt: skip

    def _ask_to_end_unkept(self, people: str, unfinished: Sequence[str]) -> None:
        """Nobody could resume it: stopping the server is its end as well."""
        ask(
            self.page,
            tr("End the session?"),
            tr(
                "{people}\nEnding shows everyone the closing page. “Save data” is off: all answers and recordings of "
                "this session are removed then.",
                people=people,
            ),
            [("end", tr("End session"), "danger"), ("cancel", tr("Cancel"), "")],
            lambda key, _: None if key == "cancel" else self.launcher.engine.stop(end_session=True),
            listing="\n".join(unfinished),
        )

    def match_command(self, name: str, match: str, title: str, text: str) -> None:
        """pause_match, resume_match or end_match."""
        confirm(
            self.page,
            title,
            text,
            title,
            lambda reason: self.run(name, {"match": match}, reason),
            prompt=tr("Reason (for the record)"),
        )

    def _ask_message(self, to: str | list[str], title: str) -> None:
        def send(text: str, show_s: float | None) -> None:
            for target in [to] if isinstance(to, str) else to:
                args = {"to": target, "text": text, **({} if show_s is None else {"show_s": show_s})}
                self.run("message", args, done=self._sent)

        self.dialog = MessageDialog(self.page, title, send)
        self.dialog.open()

    def _sent(self, result: Any) -> None:
        waiting = int((result or {}).get("waiting") or 0)
        if waiting:
            self.page.banner.say(
                "info",
                plural(
                    waiting,
                    "{n} participant is away and gets the message on coming back.",
                    "{n} participants are away and get the message on coming back.",
                ),
            )

    def _ask_to_move(self, rows: Sequence[Row], scene: str, title: str) -> None:
        text = tr(
            "{who} leaves the current scene and goes to “{scene}”. A running match ends for them.",
            who=self._who(rows),
            scene=title,
        )
        confirm(
            self.page,
            tr("Move to scene"),
            text,
            tr("Move"),
            lambda reason: self._for_each(rows, "move", {"scene": scene}, reason),
            prompt=tr("Reason (for the record)"),
        )

    def _ask_reason(self, rows: Sequence[Row], name: str, title: str, text: str, kind: str = "primary") -> None:
        confirm(
            self.page,
            title,
            text,
            title,
            lambda reason: self._for_each(rows, name, {}, reason),
            kind=kind,
            prompt=tr("Reason (for the record)"),
        )

    def _ask_seat(self, rows: Sequence[Row]) -> None:
        confirm(
            self.page,
            tr("Transfer to another seat"),
            tr(
                "{who} goes on at another computer. Open the session's address with /seat/ and the seat's name there.",
                who=self._who(rows),
            ),
            tr("Transfer"),
            lambda seat: self._for_each(rows, "transfer", {"seat": seat}, ""),
            prompt=tr("Name of the seat"),
            required=True,
        )

    def _for_each(self, rows: Sequence[Row], name: str, args: Mapping[str, Any], reason: str) -> None:
        for row in rows:
            self.run(name, {"participant": str(row["id"]), **args}, reason)

    @staticmethod
    def _who(rows: Sequence[Row]) -> str:
        if len(rows) == 1:
            return str(rows[0].get("label") or rows[0].get("id"))
        return plural(len(rows), "{n} participant", "{n} participants")
