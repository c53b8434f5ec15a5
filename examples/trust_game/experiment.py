"""Two people play the trust game, talk about it or not, and play on with each other."""

from igym import (
    Branch,
    ChatScene,
    Design,
    EndScene,
    Experiment,
    Form,
    GroupReunion,
    GymScene,
    Human,
    NumberField,
    ScalesAndTextBox,
    Stager,
    StartScene,
    StaticScene,
    When,
)

ROUNDS = 4
"""Of each part; each of the two sends in half of them."""


def part(scene_id, header, body, start, message):
    """One part of the game. Each press of a key is a move; the game waits for it."""
    return (
        GymScene(scene_id)
        .environment(file="env.py", config={"rounds": ROUNDS})
        .rendering(fps=20, width=760, height=460, background="#f4efe6", hud=("turn",), per_agent_view=True)
        .policies({"teal": Human, "plum": Human})
        .gameplay(
            action_mapping={
                "ArrowLeft": 0,
                "ArrowRight": 1,
                "ArrowDown": 2,
                "ArrowUp": 3,
                "Space": 4,
                "GamepadLeft": 0,
                "GamepadRight": 1,
                "GamepadDown": 2,
                "GamepadUp": 3,
                "GamepadA": 4,
            },
            default_action=4,
            pace="on_input",
            move_limit_s=90,
            countdown_s=1,
            reset_freeze_s=3,
        )
        .content(header=header, body_file=body, in_game_body_file="pages/keys.html", start_label=start)
        .waitroom(timeout_s=240, message=message)
        .multiplayer(focus={"timeout_s": 90}, reconnection={"timeout_s": 60})
    )


before = part(
    "before",
    "Part one",
    "pages/first_part.html",
    "Find my partner",
    "Part one begins as soon as a second person is ready.",
)
after = part(
    "after",
    "Part two",
    "pages/second_part.html",
    "Go on",
    "Part two begins as soon as your partner is ready, too.",
).matchmaking(GroupReunion(wait_s=240))

experiment = Experiment(
    id="trust_game",
    title="Give and Take",
    description="Two people send each other points that triple on the way, in two parts. Half of the pairs may talk in "
    "between: does a talk build trust? Paid by points.",
    minutes=12,
    languages=("en", "de"),
    design=Design({"communication": ["talk", "silence"]}, per="group", assign="before"),
    payment={"show_up": 3.0, "per_point": 0.05, "games": ["before", "after"], "currency": "EUR"},
    stager=Stager(
        [
            StartScene("welcome").display(header="Give and take", body_file="pages/welcome.html"),
            StaticScene("rules").display(
                header="How a round goes", body_file="pages/rules.html", button_label="Understood"
            ),
            Form("understood").display(
                header="Would you have known?",
                body_file="pages/questions.html",
                questions=[
                    NumberField(
                        "receives",
                        "You send 4 points. How many does the other person receive?",
                        min=0,
                        max=99,
                        whole=True,
                        unit="points",
                        correct=12,
                        explain="What you send is tripled on its way: 3 times 4.",
                    ),
                    NumberField(
                        "sender",
                        "They give back 6 of them. How many points do you have from this round, of your 10?",
                        min=0,
                        max=99,
                        whole=True,
                        unit="points",
                        correct=12,
                        explain="You had 10, sent 4 and got 6: 10 − 4 + 6. What is given back is not tripled.",
                    ),
                    NumberField(
                        "receiver",
                        "And how many does the other person have from this round?",
                        min=0,
                        max=99,
                        whole=True,
                        unit="points",
                        correct=6,
                        explain="They received 12 and gave back 6: 12 − 6.",
                    ),
                ],
                check="until_right",
                attempts=6,
                otherwise="exclude",
                failed_message="Thank you for your patience. The rules of this study are not easy to explain, and it "
                "needs two people who are sure of them. You are paid for coming. Please tell the person in charge.",
            ),
            before,
            Branch(
                [
                    When("talk", "condition", "communication", "is", "talk"),
                    When("silence", "condition", "communication", "is", "silence"),
                ],
                {
                    "talk": ChatScene("talk").display(
                        header="Talk to your partner",
                        body_file="pages/talk.html",
                        max_display_s=120,
                        button_label="Go on to part two",
                    ),
                    "silence": StaticScene("silence").display(
                        header="Half of it is done",
                        body_file="pages/silence.html",
                        max_display_s=120,
                        button_label="Go on to part two",
                    ),
                },
            ),
            after,
            StaticScene("results").display(
                header="What you have earned", body_file="pages/results.html", button_label="Continue"
            ),
            ScalesAndTextBox("survey").display(
                header="Looking back",
                scales={
                    "trust": "I could rely on my partner.",
                    "fair": "The points were shared fairly.",
                    "kind": "I cared about how much my partner earned.",
                    "gain": "I tried to earn as much as possible for myself.",
                },
                scale_labels=["Strongly disagree", "Neither", "Strongly agree"],
                question="What made you send more or less? (You may leave this empty.)",
            ),
            EndScene("thanks").display(header="Thank you!", body_file="pages/thanks.html"),
        ]
    ),
)
