from igym import Branch, EndScene, Experiment, Fifo, GymScene, Human, Python, Stager, StartScene


def game(name, **multiplayer):
    monitoring = {"hidden_exclude_s": None, "hidden_warn_s": None, "on_low_fps": "record"}
    options = {"reconnection": {"timeout_s": 1}, **multiplayer}
    return (
        GymScene(name)
        .environment(file="env.py", config={"frames": 20_000})
        .rendering(fps=30, width=300, height=120, smooth_motion=False, rollback_smoothing_ms=None)
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"ArrowLeft": 1, "ArrowRight": 2, "Enter": 3}, default_action=0, countdown_s=0)
        .content(header=f"Game {name}", body="<p>Please wait for the word.</p>", start_label="Find a partner")
        .waitroom(timeout_s=60, countdown_s=0)
        .multiplayer(**{**options, "monitoring": {**monitoring, **options.get("monitoring", {})}})
        .matchmaking(Fifo())
    )


def stays(context):
    return "all" if "all" in context.params else None


def looks_away(context):
    return "focus" if "ping" not in context.params else None


def watched(**monitoring):
    return {"partner_message": "The other one had to stop.", "exclusion_message": "You had to stop.", **monitoring}


lost = [
    game("bot", reconnection={"timeout_s": 1, "on_timeout": "bot", "bot": Python("env.py:wander")}),
    game("still", reconnection={"timeout_s": 1, "on_timeout": "default_action"}),
    game("again", reconnection={"timeout_s": 1, "on_timeout": "requeue", "message": "You wait again."}).waitroom(
        timeout_s=12, on_timeout="bot", timeout_bot=Python("env.py:wander"), countdown_s=0
    ),
    game("idle", monitoring=watched(inactivity_warn_s=4, inactivity_exclude_s=6, warning_message="Are you there?")),
]
away = [
    game("away", focus={"timeout_s": 2}, reconnection={"timeout_s": 1, "message": "The other one went away."}),
    game("hidden", monitoring=watched(hidden_warn_s=1, hidden_exclude_s=3)),
]
slow = game("slow", monitoring=watched(max_ping_ms=3000, ping_window=3, ping_strikes=2))

experiment = Experiment(
    id="leaving",
    title="Leaving",
    stager=Stager(
        [
            StartScene("hello").display(header="Hello there"),
            Branch(stays, {"all": lost}),
            Branch(looks_away, {"focus": away}),
            slow,
            EndScene("bye").display(header="Goodbye"),
        ]
    ),
)
