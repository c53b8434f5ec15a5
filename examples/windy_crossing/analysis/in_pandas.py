"""Gates and errors before, during and after practice, by condition; how closely the light was followed; opinions.

python examples/windy_crossing/analysis/in_pandas.py data/windy_crossing
"""

import sys

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/windy_crossing")
who, crossing = ["session", "participant"], ["session", "participant", "scene", "episode"]

# Each crossing: gates passed, and how far beside the middle of the gates the boat was (absolute, on average).
rows = data.rows
rows["error"] = rows["infos.agent_0.off"].abs()
errors = rows.groupby(crossing)["error"].mean().reset_index()
whole = data.episodes[~data.episodes["partial"]][[*crossing, "condition.advice", "score"]]
crossings = whole.merge(errors, on=crossing).rename(columns={"score": "gates"})

# What practice with or without the light has done: the last crossing less the first.
first, last = (crossings.loc[crossings["scene"] == name, [*who, "gates", "error"]] for name in ("first", "last"))
learned = first.merge(last, on=who, suffixes=("_first", "_last")).merge(
    crossings.drop_duplicates(who)[[*who, "condition.advice"]], on=who
)
learned["more_gates"] = learned["gates_last"] - learned["gates_first"]

# How far from the light people steered, on average, and whether that became less.
advised = rows[rows["scene"] == "advised"]
distance = (advised["actions.agent_0.0"] - advised["advice.agent_0.0"]).abs()
followed = distance.groupby([advised[name] for name in crossing]).mean().rename("distance").reset_index()

# What they said, beside what they learned.
said = data.answers_wide[[*who, "survey.control", "survey.wind", "survey.effort", "survey.better"]]
opinions = said.merge(learned[[*who, "more_gates"]], on=who)

for title, table in {
    "Crossings": crossings,
    "Learned": learned,
    "How closely the light was followed": followed,
    "Opinions": opinions,
}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
