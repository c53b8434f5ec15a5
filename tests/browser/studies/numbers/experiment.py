from igym import EndScene, Experiment, GymScene, Human, Stager

WAYS = ("auto", "relay")


def on_join(context):
    return {"globals": {"given": 3, "own": context["participant"]}}


def together(way):
    return (
        GymScene(f"over_{way}")
        .environment(file="env.py", seed=7)
        .rendering(fps=20)
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0, num_episodes=2, countdown_s=0)
        .waitroom(timeout_s=600, countdown_s=0)
        .multiplayer(transport=way, on_desync="end")
    )


experiment = Experiment(
    id="numbers",
    title="Numbers",
    callbacks={"on_join": on_join},
    stager=Stager(
        [
            GymScene("alone")
            .environment(file="drive.py", seed=3)
            .rendering(fps=30, width=300, height=200)
            .policies({"agent_0": Human})
            .gameplay(action_mapping={"ArrowLeft": 0, "ArrowRight": 2}, default_action=1, max_steps=150, countdown_s=0),
            *map(together, WAYS),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
