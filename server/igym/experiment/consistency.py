"""What the parts of an experiment say about each other: every scene, agent, answer and game that is named exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igym.experiment.design import AT_START, NODE, Design
from igym.experiment.errors import ExperimentError, owned, suggestion
from igym.experiment.failing import check_otherwise
from igym.experiment.policies import Advice, Shared
from igym.experiment.rules import Until, When
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.pages import LeaderboardScene
from igym.experiment.scenes.questions import Form
from igym.experiment.stager import Branch, Repeat
from igym.experiment.texts import check_texts
from igym.protocol.told import Told, together

if TYPE_CHECKING:
    from igym.experiment.experiment import Experiment


def check_consistency(experiment: Experiment) -> None:
    """Raises an ExperimentError that names the first part that does not fit."""
    known = {scene.id for scene in experiment.scenes}
    for scene in experiment.games:
        _check_target(scene, "waitroom", "timeout_scene", scene.waitroom_options.timeout_scene, known)
        _check_target(scene, "multiplayer", "end_scene", scene.multiplayer_options.reconnection.end_scene, known)
        _check_agents(scene)
        _check_seats(scene, experiment)
        _check_acted(scene)
        _check_beside(scene)
    for branch in (node for node in experiment.stager.nodes() if isinstance(node, Branch)):
        for rule in branch.rules:
            _check_rule(branch, rule, experiment.scenes)
    for repeat in (node for node in experiment.stager.nodes() if isinstance(node, Repeat)):
        for condition in repeat.rules:
            _check_rule(repeat, condition, experiment.scenes)
        check_otherwise(f'Repeat("{repeat.id}")', repeat.otherwise, known, repeat.site())
    for page in experiment.scenes:
        _check_page(page, experiment, known)
    check_texts(experiment)
    _check_payment(experiment)
    if experiment.design.factors:
        _check_design(experiment.design, experiment)


def _check_target(scene: Scene, method: str, name: str, target: str | None, known: set[str]) -> None:
    if target is not None and target not in known:
        file, line = scene.site(method)
        raise ExperimentError(
            Told(
                '{scene}.{method}: {name}="{target}" is not a scene of this experiment.{hint}',
                scene=scene.named,
                method=method,
                name=name,
                target=target,
                hint=suggestion(target, known),
            ),
            value=target,
            allowed=", ".join(sorted(known)),
            file=file,
            line=line,
        )


def _check_agents(scene: GymScene) -> None:
    """Controls are for agents that people play."""
    humans = [str(agent) for agent in scene.policies_options.humans]
    for agent in scene.gameplay_options.per_agent:
        if str(agent) not in humans:
            file, line = scene.site("gameplay")
            raise ExperimentError(
                Told(
                    "{scene}.gameplay: per_agent names {agent}, which no participant plays.{hint}",
                    scene=scene.named,
                    agent=repr(agent),
                    hint=suggestion(str(agent), humans),
                ),
                value=str(agent),
                allowed=", ".join(humans),
                file=file,
                line=line,
            )


def _check_seats(scene: GymScene, experiment: Experiment) -> None:
    """Seats are chosen by something that can be known, and are agents that people play."""
    options = scene.matchmaking_options
    file, line = scene.site("matchmaking")
    kind, _, name = (options.seat_by or "").partition(".")
    known = [f"{page.id}.{item.name}" for page in experiment.scenes for item in page.fields()]
    if kind == "answers" and name not in known:
        text: str = Told(
            '{scene}.matchmaking: seat_by names the answer "{name}", which no scene gives.',
            scene=scene.named,
            name=name,
        )
        text = together(text, suggestion(name, known), between="")
        raise ExperimentError(text, value=name, allowed=", ".join(known), file=file, line=line)
    humans = [str(agent) for agent in scene.policies_options.humans]
    for agent in options.seats.values():
        if agent not in humans:
            text = Told(
                '{scene}.matchmaking: seats names "{agent}", which no participant plays.',
                scene=scene.named,
                agent=agent,
            )
            text = together(text, suggestion(agent, humans), between="")
            raise ExperimentError(text, value=agent, allowed=", ".join(humans), file=file, line=line)


def _check_beside(scene: GymScene) -> None:
    """A policy beside a person acts in every frame, and its advice is for one pair of eyes."""
    options = scene.policies_options.mapping.values()
    beside = [policy for policy in options if isinstance(policy, Shared | Advice)]
    if beside and scene.gameplay_options.waits:
        text: str = Told(
            '{scene}.policies: Shared and Advice need pace="clock": here frames wait for people\'s moves.',
            scene=scene.named,
        )
        raise _misfit(scene, text)
    advised = any(isinstance(policy, Advice) for policy in beside)
    if advised and scene.runtime_options.where == "host" and scene.players > 1:
        text = Told(
            "{scene}.policies: in a game on the host all see the same line above the game, so Advice is "
            "for games of one person there.",
            scene=scene.named,
        )
        raise _misfit(scene, text)


def _misfit(scene: GymScene, text: str) -> ExperimentError:
    file, line = scene.site("policies")
    return ExperimentError(text, file=file, line=line)


def _check_acted(scene: GymScene) -> None:
    """Only who plays with bots alone can be made to wait for nobody."""
    if scene.waitroom_options.acted_wait_s is None:
        return
    if scene.players != 1 or not scene.policies_options.bots:
        file, line = scene.site("waitroom")
        text: str = Told(
            "{scene}.waitroom: acted_wait_s needs one Human and at least one bot in .policies.", scene=scene.named
        )
        raise ExperimentError(text, file=file, line=line)


def _check_page(scene: Scene, experiment: Experiment, known: set[str]) -> None:
    if isinstance(scene, Form):
        check_otherwise(scene.named, scene.otherwise, known, scene.site("constructor"))
        _check_judged(scene)
    if isinstance(scene, LeaderboardScene):
        _check_board(scene, experiment)


def _check_judged(form: Form) -> None:
    """Only of a whole form: its check and its questions may be given in either order, one after the other."""
    judged = bool(form.right_answers())
    if judged == (form.check != "no"):
        return
    file, line = form.site("display")
    text: str = Told('correct=… changes nothing without check="once" or check="until_right".')
    if not judged:
        text = Told('check="{check}" needs a question with correct=….', check=form.check)
    raise ExperimentError(owned(form.named, text), file=file, line=line)


def _check_board(board: LeaderboardScene, experiment: Experiment) -> None:
    """There is a game to compare, and people to compare with."""
    games = {scene.id: scene for scene in experiment.games}
    file, line = board.site("display")
    if board.game is not None and board.game not in games:
        text: str = Told(
            '{board}: game="{game}" is not a GymScene of this experiment.', board=board.named, game=board.game
        )
        allowed = ", ".join(games)
        text = together(text, suggestion(board.game, games), between="")
        raise ExperimentError(text, value=board.game, allowed=allowed, file=file, line=line)
    if not games:
        raise ExperimentError(
            Told("{board}: there is no GymScene whose scores could be shown.", board=board.named), file=file, line=line
        )
    if board.among == "group" and experiment.players < 2:
        text = Told('{board}: among="group" needs a GymScene for two or more Humans.', board=board.named)
        raise ExperimentError(text, file=file, line=line)


def _check_rule(node: Branch | Repeat, rule: When | Until, scenes: tuple[Scene, ...]) -> None:
    """A rule about an answer or a score names one that can be there."""
    if rule.what == "answer":
        known = [f"{scene.id}.{item.name}" for scene in scenes for item in scene.fields()]
    elif rule.what == "score":
        known = [scene.id for scene in scenes if isinstance(scene, GymScene)]
    else:
        return
    if rule.name not in known:
        file, line = node.site()
        owner = f'{type(node).__name__}("{node.id}")'
        text: str = Told(
            '{owner}: no scene gives the {what} "{name}".{hint}',
            owner=owner,
            what=rule.what,
            name=rule.name,
            hint=suggestion(rule.name, known),
        )
        raise ExperimentError(text, value=rule.name, allowed=", ".join(known), file=file, line=line)


def _check_payment(experiment: Experiment) -> None:
    if experiment.payment.is_given and experiment.callbacks.on_payment is not None:
        raise ExperimentError(Told("give payment or the function on_payment, not both."))
    games = [scene.id for scene in experiment.games]
    for name in experiment.payment.games:
        if name not in games:
            text: str = Told(
                'payment: "{name}" is not a game of this experiment.{hint}', name=name, hint=suggestion(name, games)
            )
            raise ExperimentError(text, value=name, allowed=", ".join(games))


def _check_design(design: Design, experiment: Experiment) -> None:
    known = {scene.id for scene in experiment.scenes}
    for name, target in (
        ("assign", None if design.assign == AT_START else design.assign),
        ("full_scene", design.full_scene),
    ):
        if target is not None and target not in known:
            raise ExperimentError(
                Told(
                    'Design: {name}="{target}" is not a scene of this experiment.{hint}',
                    name=name,
                    target=target,
                    hint=suggestion(target, known),
                ),
                value=target,
                allowed=", ".join(sorted(known)),
            )
    if design.full_scene is not None and design.full_scene == design.assign:
        raise ExperimentError(
            Told('Design: full_scene="{scene}" is where the condition is assigned.', scene=design.full_scene)
        )
    if any(node.known_id == NODE for node in experiment.stager.nodes()):
        raise ExperimentError(Told('with a design no scene or node may be called "{name}".', name=NODE))
    if design.per == "group" and (experiment.players < 2 or not _is_shared(design.assign, experiment)):
        raise ExperimentError(
            Told('Design: per="group" needs a GymScene for two or more Humans, and assign="at_start" or the id of one.')
        )


def _is_shared(assign: str, experiment: Experiment) -> bool:
    return assign == AT_START or any(scene.id == assign and scene.players > 1 for scene in experiment.games)
