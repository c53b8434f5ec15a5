from igym import (
    ChatScene,
    ChoiceField,
    ConsentField,
    Design,
    EndScene,
    Experiment,
    Form,
    GymScene,
    Human,
    LeaderboardScene,
    NumberField,
    Pool,
    Python,
    Reached,
    Responder,
    Stager,
    TextField,
    Value,
)

TRUTH = {
    "en": "<p>Your partner was a program. We did not say so, because only then do people play as with a person.</p>",
    "de": "<p>Die andere Person war ein Programm. Das stand nirgends, weil man sonst anders spielt.</p>",
}

consent = Form("consent").display(
    header={"en": "Before we begin", "de": "Bevor es losgeht"},
    body={"en": "<p>What we do with your data: …</p>", "de": "<p>Was mit Ihren Daten geschieht: …</p>"},
    questions=[ConsentField("agree", {"en": "I take part.", "de": "Ich mache mit."}, version="2.1", receipt=True)],
)
understood = Form("understood", check="until_right", attempts=20).display(
    header={"en": "Is it clear?", "de": "Ist alles klar?"},
    questions=[
        ChoiceField(
            "goal",
            {"en": "When do you get a point?", "de": "Wann bekommen Sie einen Punkt?"},
            choices={"move": {"en": "Moving", "de": "Beim Bewegen"}, "rest": {"en": "Resting", "de": "Beim Ruhen"}},
            correct="move",
            explain={"en": "Each step to a side is a point.", "de": "Jeder Schritt zur Seite ist ein Punkt."},
        )
    ],
)
quick = Form("quick", max_display_s=4).display(
    header={"en": "Quick!", "de": "Schnell!"},
    questions=[
        NumberField(
            "guess", {"en": "How many points will you get?", "de": "Wie viele Punkte holen Sie?"}, min=0, whole=True
        ),
        TextField("why", {"en": "Why?", "de": "Warum?"}, min_length=2),
    ],
)
programs = [Python("env.py:wander"), Python("env.py:wander", delay_frames=8)]
game = (
    GymScene("play")
    .environment(file="env.py", config={"frames": Value("frames")}, seed=5)
    .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
    .policies({"left": Human, "right": Pool(programs, balanced=True)})
    .gameplay(
        action_mapping={"ArrowLeft": 1, "ArrowRight": 2},
        default_action=0,
        countdown_s=0,
        num_episodes=3,
        until=Reached(1),
    )
    .waitroom(acted_wait_s=(1, 2), debriefing=TRUTH, countdown_s=0)
    .runtime(record=("actions", "rewards", "input"))
)
talk = ChatScene("talk").display(
    header={"en": "Talk about it", "de": "Reden Sie darüber"},
    responder=Responder("env.py:reply", name="Robo"),
)
results = LeaderboardScene("results").display(header={"en": "How you did", "de": "Ihr Ergebnis"}, game="play")

experiment = Experiment(
    id="story",
    title={"en": "Spots", "de": "Punkte"},
    languages=("en", "de"),
    returns={"finished": {"code": "C1DONE"}, "excluded": {"code": "C2OUT"}},
    design=Design({"frames": [60, 90]}, cell_limit=20),
    stager=Stager(
        [
            consent,
            understood,
            quick,
            game,
            talk,
            results,
            EndScene("bye").display(
                header={"en": "Goodbye", "de": "Auf Wiedersehen"},
                body={"en": "<p>{{scores.play}} points.</p>", "de": "<p>{{scores.play}} Punkte.</p>"},
            ),
        ]
    ),
)
