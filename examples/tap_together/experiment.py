"""A person taps a beat with a partner who is a program, talks to it, and is told the truth at the end."""

from igym import (
    ChatScene,
    ConsentField,
    EndScene,
    Experiment,
    Form,
    GymScene,
    Human,
    OptionBoxField,
    Pool,
    Python,
    Responder,
    ScaleField,
    Stager,
    StaticScene,
    TextField,
)

consent = Form("consent").display(
    header="Before we begin",
    body_file="pages/consent.html",
    questions=[ConsentField("agree", "I have read this and want to take part.", version="1.0")],
)
rules = StaticScene("rules").display(
    header="Keep the beat", body_file="pages/rules.html", button_label="I see", max_display_s=90
)
tapping = (
    GymScene("tapping")
    .environment(file="env.py", config={"beats": 40})
    .rendering(fps=60, width=640, height=360, background="#232a3b", hud=("episode",))
    .assets(sounds={name: f"assets/{name}.wav" for name in ("tick", "person", "partner")})
    .policies(
        {
            "person": Human,
            "partner": Pool(
                [Python("partner.py:steady", frame_skip=1), Python("partner.py:adaptive", frame_skip=1)],
                balanced=True,
            ),
        }
    )
    .gameplay(
        action_mapping={"Space": 1, "MouseLeft": 1, "GamepadA": 1}, default_action=0, num_episodes=2, reset_freeze_s=1.5
    )
    .content(
        header="Now together",
        body_file="pages/ready.html",
        in_game_body_file="pages/keys.html",
        start_label="To my partner",
    )
    .waitroom(
        message="Your partner will be here in a moment.",
        acted_wait_s=(6, 15),
        debriefing="<p><strong>Your partner was a program</strong>, in the game and in the talk. We did not say so "
        "before, because people tap and judge differently when they know. Please do not tell others who may still take "
        "part. You may ask us to delete your data.</p>",
    )
    .runtime(record=("actions", "rewards", "infos", "observations", "input"))
)
talk = ChatScene("talk").display(
    header="The two of you",
    body_file="pages/talk.html",
    responder=Responder("partner.py:reply", name="Partner", limit=4),
    limit=6,
    max_display_s=60,
)
after = Form("after").display(
    header="Looking back",
    questions=[
        OptionBoxField(
            "who",
            "Who was your partner?",
            choices={"person": "A person", "program": "A program", "unsure": "I could not tell"},
        ),
        ScaleField("together", "We were together.", labels=["Not at all", "Completely"]),
        ScaleField("adapted", "My partner followed me.", labels=["Not at all", "Completely"]),
        TextField("why", "What made you think so? (You may leave this empty.)", required=False, multiline=True),
    ],
)

experiment = Experiment(
    id="tap_together",
    title="Tapping Together",
    description="One person keeps a beat with a partner, a program that follows or does not. The wait for it is acted, "
    "it talks along, and the last page tells the truth.",
    minutes=5,
    languages=("en", "de"),
    entry_screening={"device": "desktop"},
    returns={"finished": {"code": "TAP-DONE"}, "withdrawn": {"code": "TAP-STOP"}},
    stager=Stager(
        [
            consent,
            rules,
            tapping,
            talk,
            after,
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
