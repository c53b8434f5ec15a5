from igym import Branch, EndScene, Experiment, GymScene, Human, Stager, StartScene, StaticScene


def game(name, **waitroom):
    return (
        GymScene(name)
        .environment(file="env.py", config={"frames": 45})
        .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"ArrowLeft": 1, "ArrowRight": 2}, default_action=0, countdown_s=0)
        .waitroom(timeout_s=2, countdown_s=0, **waitroom)
    )


def way(context):
    return context.params.get("way", "ending")


experiment = Experiment(
    id="lobby",
    title="Lobby",
    participant_ids="label",
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            Branch(
                way,
                {
                    "through": [
                        game("to_scene", on_timeout="scene", timeout_scene="comfort", timeout_message="Nobody came."),
                        StaticScene("jumped").display(header="Nobody should see this"),
                        StaticScene("comfort").display(header="Never mind"),
                        game("with_bot", on_timeout="bot"),
                        game("with_code", on_timeout="completion_code", timeout_message="Take this code."),
                    ],
                    "elsewhere": [game("away", on_timeout="redirect", timeout_url="http://panel.test/{participant}")],
                    "ending": [game("over", on_timeout="end", timeout_message="That was it.")],
                },
            ),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
