"""A study made here: its timeline on the left, what is chosen in it on the right; every step can be undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from igym_desktop.flow import study_edit as edit
from igym_desktop.flow.study_draft import StudyDraft
from igym_desktop.flow.study_kinds import kind_of
from igym_desktop.flow.study_rename import rename
from igym_desktop.i18n import tr
from igym_desktop.pages.timeline import WHOLE, Timeline
from igym_desktop.widgets.basics import Banner, column, icon_button, label, panel, row, scroll
from igym_desktop.widgets.form import SectionForm
from igym_desktop.widgets.plain import set_tip
from igym_desktop.widgets.structured import remove_all
from igym_desktop.widgets.ways import Ways
from igym_desktop.windows.add_scene import AddSceneDialog

TIMELINE_WIDTH = 290


class _Step(QUndoCommand):
    """One document after another. Typing into one field is one step."""

    def __init__(self, text: str, before: edit.Document, after: edit.Document, key: str, show: Callable[..., None]):
        super().__init__(text)
        self.before, self.after, self.key, self._show = before, after, key, show
        self._fresh = True

    def redo(self) -> None:
        self._show(self.after, again=not self._fresh)
        self._fresh = False

    def undo(self) -> None:
        self._show(self.before, again=True)

    def id(self) -> int:
        return hash(self.key) & 0x7FFFFFFF if self.key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _Step) or other.key != self.key or not self.key:
            return False
        self.after = other.after
        return True


class StudyEditor(QWidget):
    """`changed` after every change; `preview` is put below the timeline by the page."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.draft: StudyDraft | None = None
        self.form: SectionForm | None = None
        self._shown = WHOLE
        self.stack = QUndoStack(self)
        self.timeline = Timeline()
        self.timeline.setObjectName("study_timeline")
        self.timeline.chosen.connect(self._show_section)
        self.timeline.changed.connect(self._restructured)
        self.timeline.add_wanted.connect(self.ask_to_add)
        self.undo = icon_button("reset", tr("Undo"), self.take_back, "undo")
        self.redo = icon_button("refresh", tr("Redo"), self.do_again, "redo")
        self.problem = Banner()
        self.problem.close_button.hide()
        self.title = label("", "heading")
        self.text = label("", "muted", wrap=True)
        self.id = QLineEdit()
        self.id.setObjectName("scene_id")
        self.id.setMaximumWidth(220)
        self.id.setAccessibleName(tr("Name in the data"))
        self.id.editingFinished.connect(self._rename)
        self._id_caption = label(tr("Name in the data"), "small")
        self._id_caption.setBuddy(self.id)
        named = row(self._id_caption, self.id, None, gap=8)
        head = column(row(self.title, None, self.undo, self.redo, gap=4), self.text, 8, named, gap=2)
        self.ways = Ways()
        self.ways.added.connect(self._add_way)
        self.ways.renamed.connect(self._rename_way)
        self.ways.removed.connect(self._remove_way)
        self._place = QVBoxLayout()
        self._area: QScrollArea | None = None
        self.beside = QVBoxLayout()
        left = column(self.timeline, self.beside, gap=4)
        left.setStretch(0, 1)
        self._frame = panel(left, margin=8)
        right = column(head, self.problem, self.ways, self._place, gap=10)
        right.setStretch(3, 1)
        whole: QHBoxLayout = row(self._frame, right, gap=16)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        for keys, do in (
            (QKeySequence.StandardKey.Undo, self.stack.undo),
            (QKeySequence.StandardKey.Redo, self.stack.redo),
        ):
            QShortcut(QKeySequence(keys), self, do, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the form needs the room more than the timeline."""
        self._frame.setFixedWidth(min(TIMELINE_WIDTH, max(self.width() * 2 // 5, 200)))
        super().resizeEvent(event)

    @property
    def dirty(self) -> bool:
        """Whether something is not saved."""
        return self.draft is not None and not self.stack.isClean()

    def steps_since_saved(self) -> tuple[str, ...]:
        """What Undo would take back until the saved state, in words; also what was undone from there."""
        stack = self.stack
        first, last = sorted((stack.index(), max(stack.cleanIndex(), 0)))
        names = [stack.text(number) for number in range(first, last)]
        return tuple(dict.fromkeys(reversed(names))) or ((tr("Undo"),) if self.dirty else ())

    @property
    def chosen(self) -> str:
        """The chosen scene; "" for the whole."""
        return "" if self._shown == WHOLE else self._shown

    def open(self, folder: Path) -> None:
        """Shows a study; raises ValueError with a text for a person when it cannot be read."""
        self.draft = StudyDraft(folder, self._apply)
        self.stack.clear()
        self._refill(WHOLE)

    def save(self) -> None:
        """Writes the study; raises ValueError with a text for a person."""
        assert self.draft is not None
        self.draft.save()
        self.stack.setClean()
        self._show_state()

    def take_back(self) -> None:
        """Undoes the last step."""
        self.stack.undo()
        self._show_state()

    def do_again(self) -> None:
        """Redoes what was undone last."""
        self.stack.redo()
        self._show_state()

    def ask_to_add(self) -> None:
        """Shows the kinds of scenes."""
        self.dialog = AddSceneDialog(self, self.timeline.add_scene)
        self.dialog.open()

    def use_prolific(self, document: edit.Document, page: str) -> None:
        """The study with what a recruiting platform needs."""
        self._restructured(document, tr("Prolific…"), page)

    def _apply(self, document: edit.Document, text: str, key: str) -> None:
        assert self.draft is not None
        if document != self.draft.document:
            self.stack.push(_Step(text, self.draft.document, document, key, self._take))
            self._show_state()

    def _restructured(self, document: edit.Document, text: str, chosen: str) -> None:
        """The order changed: the lines and the form are made anew."""
        self._apply(document, text, "")
        self._refill(chosen)

    def _take(self, document: edit.Document, *, again: bool) -> None:
        """`again`: by undo or redo, so whatever is on screen may be old."""
        assert self.draft is not None
        self.draft.take(document)
        if again:
            self._refill(self._shown)
        else:
            self._retitle()

    def _retitle(self) -> None:
        assert self.draft is not None
        self.timeline.blockSignals(True)
        self.timeline.show_document(self.draft.document, self._shown)
        self.timeline.blockSignals(False)

    def _refill(self, chosen: str) -> None:
        assert self.draft is not None
        self._shown = ""
        self.timeline.show_document(self.draft.document, chosen)
        self._show_state()

    def _show_section(self, key: str) -> None:
        if self.draft is None or key == self._shown:
            return
        kept = (
            self._area.verticalScrollBar().value() if self._area and self.form and self.form.section.key == key else 0
        )
        self._shown = key
        section = self.draft.section(key)
        self.draft.errors.clear()  # what could not be taken goes with the form it was typed into
        remove_all(self._place)
        self.form, self._area = None, None
        if section is not None:
            self.form = SectionForm(section, self.draft, self.draft.folder)
            self.form.edited.connect(self._show_state)
            # Not at once: the button that was pressed is part of what is made anew.
            self.form.remade.connect(lambda: QTimer.singleShot(0, self, lambda: self._refill(self._shown)))
            self._area = scroll(self.form)
            self._place.addWidget(self._area, 1)
            self._area.verticalScrollBar().setValue(kept)
        self._show_head(key)
        self.changed.emit()

    def _show_head(self, key: str) -> None:
        assert self.draft is not None
        is_scene = key != WHOLE
        kind = kind_of(str(edit.found(self.draft.document, ("scenes", key, "kind"), "")))
        self.title.setText(kind.title if is_scene else tr("Whole experiment"))
        self.text.setText(kind.text if is_scene else tr("Title, participants, screening, payment and languages."))
        self.id.setVisible(is_scene)
        self._id_caption.setVisible(is_scene)
        self.id.setText(key if is_scene else "")
        self.ways.setVisible(kind.kind == "branch")
        if kind.kind == "branch":
            self.ways.show_names(edit.options_of(self.draft.document, key))

    def _add_way(self, name: str) -> None:
        assert self.draft is not None
        document = edit.add_option(self.draft.document, self._shown, name)
        self._restructured(document, tr("Add a way"), self._shown)

    def _rename_way(self, old: str, name: str) -> None:
        assert self.draft is not None
        document = edit.rename_option(self.draft.document, self._shown, old, name)
        self._restructured(document, tr("Change {what}", what=old), self._shown)

    def _remove_way(self, name: str) -> None:
        assert self.draft is not None
        document = edit.remove_option(self.draft.document, self._shown, name)
        self._restructured(document, tr("Remove {name}", name=name), self._shown)

    def _rename(self) -> None:
        wanted, old = self.id.text().strip(), self._shown
        if self.draft is None or wanted == old or old == WHOLE:
            return
        taken = {id.casefold() for id in edit.scenes(self.draft.document) if id != old}
        if not wanted or wanted.casefold() in taken:
            self.id.setText(old)
            return
        self._restructured(rename(self.draft.document, old, wanted), tr("Change {what}", what=tr("name")), wanted)

    def _show_state(self) -> None:
        if self.draft is None:
            return
        for tool, can, text, words in (
            (self.undo, self.stack.canUndo(), self.stack.undoText(), tr("Undo")),
            (self.redo, self.stack.canRedo(), self.stack.redoText(), tr("Redo")),
        ):
            tool.setEnabled(can)
            set_tip(tool, f"{words}: {text}" if text else words)
        if self.draft.problem:
            self.problem.say("stop", self.draft.problem, details=tr("The study cannot be saved like this."))
        elif self.draft.look.missing:
            self.problem.say("warn", self.draft.look.missing, details=tr("It can be saved; the file can come later."))
        else:
            self.problem.hide()
        self.changed.emit()
