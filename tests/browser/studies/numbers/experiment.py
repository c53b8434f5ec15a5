from igym import Branch, EndScene, Experiment, GymScene, Human, Scales, Stager, StartScene

WAYS = ("auto", "relay")


def on_join(context):
    return {"globals": {"given": 3, "own": context["participant"]}}


def first(context):
    return "alone" if "alone" in context.params else None


def together(way):
    return (
        GymScene(f"over_{way}")
        .environment(file="env.py", seed=7)
        .rendering(fps=20, smooth_motion=False, rollback_smoothing_ms=None)
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0, num_episodes=2, countdown_s=0)
        .waitroom(timeout_s=600, countdown_s=0)
        .multiplayer(transport=way, on_desync="end")
    )


alone = [
    StartScene("hello").display(header="Hello there"),
    GymScene("alone")
    .environment(file="drive.py", seed=3)
    .rendering(fps=30, width=300, height=200, smooth_motion=False, rollback_smoothing_ms=None)
    .policies({"agent_0": Human})
    .gameplay(
        action_mapping={"ArrowLeft": 0, "ArrowRight": 2, "Enter": 3},
        default_action=1,
        num_episodes=2,
        max_steps=20_000,
        countdown_s=0,
    )
    .content(header="Drive now", body="<p>Use the arrow keys.</p>", start_label="Go"),
    Scales("after").display(header="And now", scales={"fun": "It was fun."}, scale_points=5),
]

experiment = Experiment(
    id="numbers",
    title="Numbers",
    callbacks={"on_join": on_join},
    stager=Stager(
        [
            Branch(first, {"alone": alone}),
            *map(together, WAYS),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
