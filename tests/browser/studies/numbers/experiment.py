from igym import EndScene, Experiment, GymScene, Human, Stager

experiment = Experiment(
    id="numbers",
    title="Numbers",
    stager=Stager(
        [
            GymScene("calculate")
            .environment(file="env.py", seed=7)
            .rendering(fps=20)
            .policies({"left": Human, "right": Human})
            .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0, num_episodes=2, countdown_s=0)
            .waitroom(timeout_s=200, countdown_s=0)
            .multiplayer(transport="auto"),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
