from igym import EndScene, Experiment, GymScene, Human, Stager


def on_join(context):
    return {"globals": {"given": 3, "own": context["participant"]}}


experiment = Experiment(
    id="numbers",
    title="Numbers",
    callbacks={"on_join": on_join},
    stager=Stager(
        [
            GymScene("calculate")
            .environment(file="env.py", seed=7)
            .rendering(fps=20)
            .policies({"left": Human, "right": Human})
            .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0, num_episodes=2, countdown_s=0)
            .waitroom(timeout_s=200, countdown_s=0)
            .multiplayer(transport="auto", on_desync="end"),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
