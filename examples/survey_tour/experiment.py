"""A tour of every kind of page, random order, rounds, a branch and a completion code, as a small study of taste."""

from igym import (
    Block,
    Branch,
    Choice,
    ChoiceField,
    CompletionCodeScene,
    ConsentField,
    DateField,
    EndScene,
    Experiment,
    Form,
    MultipleChoice,
    NumberField,
    OptionBoxes,
    OptionBoxesWithScalesAndTextBox,
    OptionBoxField,
    RandomizeOrder,
    Ranking,
    Repeat,
    ScaleField,
    Scales,
    ScalesAndTextBox,
    Stager,
    StartScene,
    StaticScene,
    TextBox,
    TextField,
    WebScene,
)

PATTERNS = {"waves": "Waves", "rings": "Rings", "tiles": "Tiles", "seeds": "Seeds"}


def picture(name):
    """One pattern with a pair of sliders. Two participants in a row rarely see the four in the same order."""
    return Scales(f"rate_{name}").display(
        header="Look at this pattern",
        body=f'<img src="assets/{name}.svg" alt="" width="240" height="240" style="width: min(60vw, 15rem)">',
        scales=[
            ScaleField("liveliness", "Is it calm or lively?", labels=["Very calm", "Very lively"]),
            ScaleField("beauty", "How much do you like it?", labels=["Not at all", "Very much"]),
        ],
        scale_style="slider",
        metadata={"pattern": name},
    )


def has_time(context):
    """The participant's own answer decides whether the reaction task is shown."""
    return "task" if context.answers["more"]["choice"] == "yes" else "skip"


experiment = Experiment(
    id="survey_tour",
    title="Lines and Shapes",
    description="Every kind of page in one small study of taste: consent, forms, pictures, sliders, random order, "
    "rounds, a branch with an external task, and a completion code.",
    minutes=7,
    participant_ids="anonymous",
    stager=Stager(
        [
            StartScene("welcome").display(header="Lines and shapes", body_file="pages/welcome.html"),
            Form("consent").display(
                header="Before we begin",
                body_file="pages/consent.html",
                questions=[
                    ConsentField("agree", "I have read this and want to take part."),
                    ConsentField("contact", "You may ask me about later studies.", required=False),
                ],
                button_label="I agree",
            ),
            Form("about_you").display(
                header="About you",
                questions=[
                    NumberField("age", "How old are you?", min=18, max=120, whole=True, unit="years"),
                    ChoiceField(
                        "hand",
                        "Which hand do you draw with?",
                        choices={"right": "Right", "left": "Left", "both": "Both alike"},
                    ),
                    OptionBoxField("screen", "Where are you sitting?", choices=["In the lab", "At home", "Elsewhere"]),
                    ScaleField(
                        "drawing",
                        "How often do you draw?",
                        points=5,
                        labels=["Never", "Now and then", "Every day"],
                    ),
                    DateField("museum", "When were you last in a museum?", help="Roughly is enough.", required=False),
                    TextField(
                        "artist", "Whose pictures do you like?", required=False, placeholder="A name, or nothing"
                    ),
                ],
            ),
            StaticScene("instructions").display(
                header="Four patterns", body_file="pages/instructions.html", min_display_s=2
            ),
            RandomizeOrder([picture(name) for name in PATTERNS], balanced=True, id="pattern_order"),
            RandomizeOrder(
                [
                    MultipleChoice("favourite").display(
                        header="Your favourite",
                        question="Which one would you hang on your wall?",
                        choices=[Choice(name, label, image=f"assets/{name}.svg") for name, label in PATTERNS.items()],
                    ),
                    MultipleChoice("words").display(
                        header="In words",
                        question="Which words fit these patterns? Choose two or three.",
                        choices=["Modern", "Old", "Warm", "Cold", "Playful", "Strict", "Natural"],
                        multiple=True,
                        min_choices=2,
                        max_choices=3,
                    ),
                ],
                id="choice_order",
            ),
            Ranking("all_four").display(
                header="All four",
                question="Put them in order, the one you like best first.",
                items=[Choice(name, label, image=f"assets/{name}.svg") for name, label in PATTERNS.items()],
            ),
            Repeat(
                [
                    Block(
                        [
                            OptionBoxes("pair").display(
                                header="Quick: which one?",
                                options_question="Decide by feeling. You will be asked twice.",
                                options=[
                                    Choice("waves", "Waves", image="assets/waves.svg"),
                                    Choice("seeds", "Seeds", image="assets/seeds.svg"),
                                ],
                            ),
                            ScalesAndTextBox("certainty").display(
                                header="How sure were you?",
                                scales={"sure": "I was sure of my choice."},
                                scale_points=7,
                                scale_labels=["Not at all", "Completely"],
                                question="What tipped the balance? (You may leave this empty.)",
                            ),
                        ]
                    )
                ],
                n=2,
            ),
            MultipleChoice("more").display(
                header="One more thing",
                question="Do you have another minute for a small reaction game?",
                choices={"yes": "Yes, gladly", "no": "No, let us finish"},
            ),
            Branch(
                has_time,
                {
                    "task": WebScene("reaction").display(
                        header="Catch the dot",
                        body="<p>Click or tap each dot as soon as it appears. There are eight.</p>",
                        path="pages/reaction.html",
                        frame_height=420,
                    ),
                    "skip": StaticScene("no_task").display(
                        header="That is fine", body="<p>Then there are only a few last questions.</p>"
                    ),
                },
            ),
            OptionBoxesWithScalesAndTextBox("looking_back").display(
                header="Looking back",
                options_question="How long did all of this feel?",
                options=["Too short", "Just right", "Too long"],
                scales=["The questions were clear.", "I enjoyed taking part."],
                scale_points=5,
                scale_labels=["Disagree", "Agree"],
                question="Is there anything we should do differently?",
            ),
            TextBox("last_word").display(
                header="The last word is yours",
                question="Anything else you would like to tell us?",
                required=False,
                placeholder="Only if you like",
                max_length=1000,
            ),
            CompletionCodeScene("code").display(header="Your completion code", body_file="pages/code.html"),
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
