"""Two people cook onion soup in CoGrid's Overcooked. What they share of the kitchen is the condition."""

from igym import (
    ChoiceField,
    Design,
    EndScene,
    Experiment,
    Form,
    GymScene,
    Human,
    Python,
    ScalesAndTextBox,
    Stager,
    StartScene,
    StaticScene,
    Value,
)

KEYS = {
    "ArrowUp": 0,
    "ArrowDown": 1,
    "ArrowLeft": 2,
    "ArrowRight": 3,
    "Space": 4,
    "KeyW": 0,
    "KeyS": 1,
    "KeyA": 2,
    "KeyD": 3,
    "GamepadUp": 0,
    "GamepadDown": 1,
    "GamepadLeft": 2,
    "GamepadRight": 3,
    "GamepadA": 4,
}
PICTURE = {"fps": 8, "width": 484, "height": 526, "background": "#3a3340", "hud": False}
PARTNER = Python("partner.py:act", frame_skip=1)
PACKAGES = ["cogrid==0.3.2"]

practice = (
    GymScene("practice")
    .environment(file="env.py", config={"frames": 720, "cooks": 1, "soups": 1})
    .rendering(**PICTURE, per_agent_view=True)
    .policies({0: Human})
    .gameplay(action_mapping=KEYS, default_action=6, reset_freeze_s=1)
    .content(
        header="Your first soup",
        body_file="pages/practice.html",
        in_game_body_file="pages/keys.html",
        start_label="To the stove",
    )
    .runtime(packages=PACKAGES)
)
cook = (
    GymScene("cook")
    .environment(file="env.py", config={"layout": Value("layout", default="cramped_room"), "frames": 720})
    .rendering(**PICTURE, per_agent_view=True)
    .policies({0: Human, 1: Human})
    .gameplay(action_mapping=KEYS, default_action=6, num_episodes=2, reset_freeze_s=2)
    .content(
        header="Two cooks",
        body_file="pages/together.html",
        in_game_body_file="pages/keys.html",
        start_label="Find my partner",
    )
    .waitroom(
        timeout_s=120,
        on_timeout="bot",
        timeout_bot=PARTNER,
        message="The kitchen opens as soon as the second cook is here. If nobody comes within two minutes, a program "
        "cooks with you.",
    )
    .runtime(packages=PACKAGES)
)

experiment = Experiment(
    id="overcooked_pair",
    title="Two Cooks",
    description="Two people serve as many onion soups as they can, in one of three kitchens: CoGrid's Overcooked. "
    "After a check of the rules and a soup on one's own; paid by soups.",
    minutes=10,
    languages=("en", "de"),
    design=Design({"layout": ["cramped_room", "coordination_ring", "forced_coordination"]}, per="group", assign="cook"),
    payment={"show_up": 4.0, "per_point": 0.20, "games": ["cook"], "currency": "EUR"},
    stager=Stager(
        [
            StartScene("welcome").display(header="Two cooks, one kitchen", body_file="pages/welcome.html"),
            StaticScene("rules").display(
                header="How a soup is made", body_file="pages/rules.html", button_label="Understood"
            ),
            Form("understood").display(
                header="Three questions before you cook",
                questions=[
                    ChoiceField(
                        "onions",
                        "How many onions does a pot need before it cooks?",
                        choices={"one": "One", "two": "Two", "three": "Three"},
                        correct="three",
                        explain="A pot begins to cook by itself as soon as three onions are in it.",
                    ),
                    ChoiceField(
                        "plate",
                        "What do you hold when you take the soup out of the pot?",
                        choices={"nothing": "Nothing", "plate": "A plate", "onion": "An onion"},
                        correct="plate",
                        explain="A soup needs a plate: fetch one before you go to the pot.",
                    ),
                    ChoiceField(
                        "points",
                        "Your partner serves a soup. Who is paid for it?",
                        choices={"partner": "My partner", "both": "Both of us", "nobody": "Nobody"},
                        correct="both",
                        explain="Every soup counts for both of you, whoever serves it.",
                    ),
                ],
                check="until_right",
                attempts=5,
            ),
            practice,
            cook,
            ScalesAndTextBox("survey").display(
                header="About your partner",
                scales={
                    "team": "We worked well together.",
                    "knew": "My partner understood what I was about to do.",
                    "share": "We both did about the same amount of work.",
                    "again": "I would cook with this partner again.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
                question="How did you divide the work? (You may leave this empty.)",
            ),
            EndScene("thanks").display(header="Thank you, chef!", body_file="pages/thanks.html"),
        ]
    ),
)
