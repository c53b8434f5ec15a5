"""A published game played by two: once as it is, once with a state that is rounded when it is saved."""

from igym import EndScene, Experiment, GymScene, Human, Stager

KEYS = {"ArrowLeft": 1, "ArrowUp": 3, "ArrowRight": 5}


def match(scene_id: str, saves_itself: bool) -> GymScene:
    return (
        GymScene(scene_id)
        .environment(file="env.py", config={"saves_itself": saves_itself}, seed=11)
        .policies({"agent_left": Human, "agent_right": Human})
        .rendering(fps=30, width=600, height=250)
        .gameplay(action_mapping=KEYS, default_action=0, max_steps=300)
        .runtime(packages=["slimevb==0.1.1", "!opencv-python"])
    )


experiment = Experiment(
    id="published",
    title="A published game",
    stager=Stager([match("as_it_is", False), match("rounded", True), EndScene("thanks")]),
)
