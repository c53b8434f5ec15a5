"""How fast each person reached the flag, whether they got better, and what they said about it.

python examples/mountain_car/analysis/in_pandas.py data/mountain_car
"""

import sys

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/mountain_car")
who = ["session", "participant"]

# Each attempt: how many frames it took (30 are a second), and whether the flag was reached.
attempts = data.episodes[[*who, "match", "episode", "frames", "partial"]]
reached = data.rows.groupby([*who, "match", "episode"])["terminated.driver"].max().rename("reached").reset_index()
attempts = attempts.merge(reached, on=[*who, "match", "episode"])
attempts = attempts[~attempts["partial"]].drop(columns="partial").assign(seconds=lambda one: one["frames"] / 30)

# How often the direction changed: whoever swings along with the hill changes seldom.
rows = data.rows.sort_values([*who, "match", "episode", "frame"])
before = rows.groupby([*who, "match", "episode"])["actions.driver"].shift()
changed = before.notna() & (rows["actions.driver"] != before)
changes = rows.assign(changes=changed.astype(int)).groupby([*who, "match", "episode"])["changes"].sum().reset_index()

# The first attempt less the second, beside the answers.
first, second = (attempts.loc[attempts["episode"] == number, [*who, "match", "seconds"]] for number in (0, 1))
faster = first.merge(second, on=[*who, "match"], suffixes=("_first", "_second"))
faster["faster_s"] = faster["seconds_first"] - faster["seconds_second"]
opinions = data.answers_wide[[*who, "survey.fun", "survey.difficulty", "survey.insight"]]
opinions = opinions.merge(faster[[*who, "faster_s"]], on=who)

for title, table in {"Attempts": attempts, "Changes of direction": changes, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
