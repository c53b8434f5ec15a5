from igym import Branch, EndScene, Experiment, GymScene, Human, Stager, StartScene

OUTCOMES = ("finished", "partner_left", "timed_out", "screened_out", "excluded", "withdrawn")


def game(name, wait_s):
    return (
        GymScene(name)
        .environment(file="env.py", config={"frames": 20_000})
        .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"ArrowLeft": 1, "ArrowRight": 2, "Enter": 3}, default_action=0, countdown_s=0)
        .waitroom(timeout_s=wait_s, countdown_s=0)
        .multiplayer(reconnection={"timeout_s": 1, "completion_code": True})
    )


def way(context):
    return "alone" if "alone" in context.params else "both"


experiment = Experiment(
    id="returning",
    title="Returning",
    entry_screening={"browsers_blocked": ["firefox"]},
    returns={
        outcome: {
            "code": f"C-{outcome}",
            "redirect_url": f"http://panel.test/{outcome}?who={{participant}}&cc={{code}}",
        }
        for outcome in OUTCOMES
    },
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            Branch(way, {"alone": game("alone", 1), "both": game("both", 120)}),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
