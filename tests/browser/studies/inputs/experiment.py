from igym import Axis, EndScene, Experiment, GymScene, Human, Stager


def game(name, config):
    scene = GymScene(name).environment(file="env.py", config=config, seed=3).policies({"agent_0": Human})
    return scene.rendering(fps=30, width=300, height=200).content(header=name)


experiment = Experiment(
    id="inputs",
    title="Inputs",
    stager=Stager(
        [
            game("steered", {"frames": 90})
            .gameplay(analog={"push": Axis("mouse_x", low=-2, high=2)}, countdown_s=0)
            .runtime(record=["actions", "rewards", "pointer"]),
            game("chosen", {"steps": True, "frames": 3}).gameplay(
                action_mapping={"1": 1, "2": 2}, default_action=None, pace="on_input", countdown_s=0
            ),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
