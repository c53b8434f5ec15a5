"""Practice against a program until it goes well, then a task for two: a whole study, from consent to codes."""

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
    PerEpisode,
    Python,
    Repeat,
    Stager,
    StaticScene,
    Until,
    Value,
)

consent = Form("consent").display(
    header="Before we begin",
    body_file="pages/consent.html",
    questions=[ConsentField("agree", "I have read this and want to take part.", version="1.0", receipt=True)],
)
about = Form("about").display(
    header="About you",
    questions=[
        ChoiceField(
            "hand", "Which hand do you write with?", choices={"left": "The left one", "right": "The right one"}
        ),
        ChoiceField(
            "end",
            "Which end of a beam would you carry?",
            choices={"any": "Either", "left": "The left end", "right": "The right end"},
        ),
    ],
)
rules = StaticScene("rules").display(header="Carrying a beam", body_file="pages/rules.html", button_label="I see")
understood = Form("understood", check="until_right", attempts=3, otherwise="exclude").display(
    header="Is it clear?",
    questions=[
        ChoiceField(
            "goal",
            "When is there a point?",
            choices={"one": "When my end is in its ring", "both": "When both ends are in their rings"},
            correct="both",
            explain="You carry together: a point needs both of you.",
        ),
    ],
)


def carry(name, partners, **config):
    """The game, for whoever is at the two ends."""
    return (
        GymScene(name)
        .environment(file="env.py", config=config)
        .rendering(fps=30, width=720, height=420, background="#e7f1f5", hud=("episode",), per_agent_view=True)
        .policies(partners)
        .gameplay(
            action_mapping={"ArrowUp": 1, "Space": 1, "w": 1}, default_action=0, countdown_s=2, reset_freeze_s=1.5
        )
    )


practice = carry(
    "practice", {"left": Human, "right": Python("env.py:steady")}, ring=Value("ring"), rings=10, ease=6
).content(
    header="Practise with a program",
    body_file="pages/practice.html",
    in_game_body_file="pages/keys.html",
    start_label="Start",
)
together = (
    carry("together", {"left": Human, "right": Human}, wind=PerEpisode(["calm", "gusts"], order="random"))
    .gameplay(num_episodes=2)
    .content(
        header="Now together",
        body_file="pages/together.html",
        in_game_body_file="pages/keys.html",
        start_label="Start",
    )
    .matchmaking(seat_by="answers.about.end", seats={"left": "left", "right": "right"})
    .waitroom(timeout_s=300, message="Somebody for the other end of the beam will be here in a moment.")
)
talk = ChatScene("talk").display(header="The two of you", body_file="pages/talk.html", limit=30, min_display_s=5)

experiment = Experiment(
    id="carry_together",
    title="Carry Together",
    description="Practice with a program until it goes well, then two people carry a beam together. A whole study: "
    "consent, a comprehension check, conditions balanced by handedness, chat, results of others, codes.",
    minutes=8,
    languages=("en", "de"),
    design=Design({"ring": ["wide", "narrow"]}, strata=("about.hand",), assign="rules", cell_limit=40),
    payment={"currency": "EUR", "show_up": 4, "per_point": 0.1, "games": ["together"], "most": 8},
    returns={
        "finished": {"code": "CARRY-DONE"},
        "failed_check": {"code": "CARRY-CHECK", "message": "This study needs people to whom the game comes easily."},
        "timed_out": {"code": "CARRY-ALONE", "message": "Nobody came to carry with you. Your time is paid."},
        "partner_left": {"code": "CARRY-LEFT"},
        "withdrawn": {"code": "CARRY-STOP"},
    },
    stager=Stager(
        [
            consent,
            about,
            rules,
            understood,
            Repeat(
                [practice],
                id="training",
                until=Until("score", "practice", "at_least", 3),
                at_most=3,
                otherwise="exclude",
            ),
            together,
            talk,
            Form("after").display(
                header="Looking back",
                questions=[
                    NumberField("share", "How much of the work was yours, in percent?", min=0, max=100, whole=True)
                ],
            ),
            LeaderboardScene("results").display(header="How you did", game="together"),
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
