from igym import Branch, EndScene, Experiment, GymScene, Human, Python, Stager, StartScene


def game(name, work, **monitoring):
    return (
        GymScene(name)
        .environment(file="env.py", config={"frames": 3000, "work": work})
        .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
        .policies({"left": Human, "right": Python("env.py:wander")})
        .gameplay(action_mapping={"ArrowLeft": 1, "ArrowRight": 2, "Enter": 3}, default_action=0, countdown_s=0)
        .multiplayer(monitoring={"hidden_exclude_s": None, **monitoring})
    )


def way(context):
    return context.params["way"]


def judge(context):
    return {"exclude": True, "message": "Our own rule says stop."} if context.frame >= 30 else None


ways = {
    "slow": game("slow", 2_000_000, on_low_fps="exclude", exclusion_message="This computer is too slow."),
    "judged": game("judged", 0, continuous_callback=judge),
}

experiment = Experiment(
    id="alone",
    title="Alone",
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            Branch(way, ways),
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
