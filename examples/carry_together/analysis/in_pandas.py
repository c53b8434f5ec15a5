"""Practice by condition, what pairs did in calm and in gusts, how near each kept to the rings, messages and opinions.

python examples/carry_together/analysis/in_pandas.py data/carry_together
"""

import sys

import pandas as pd

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/carry_together")
who, pair = ["session", "participant"], ["session", "match", "episode"]
played = data.episodes[~data.episodes["partial"]]

# Practice: how many rounds it took, and the points of the last one. Whoever never passed is here as well.
rounds = played[played["base_id"] == "practice"].sort_values([*who, "started_at"])
rounds = rounds.groupby(who)["score"].agg(rounds="count", last="last").reset_index()
people = data.participants[[*who, "status", "condition.ring", "check.training.passed"]]
practice = people.rename(columns={"check.training.passed": "passed"}).merge(rounds, on=who)

# How far from the middle of the ring each held their own end, on average; both partners' files hold the same rows.
rows = data.rows[data.rows["scene"] == "together"].drop_duplicates([*pair, "frame"])
ends = [
    rows[pair].assign(agent=side, off=(rows[f"infos.{side}.height"] - rows[f"infos.{side}.ring"]).abs())
    for side in ("left", "right")
]
off = pd.concat(ends).groupby([*pair, "agent"])["off"].mean().reset_index()

# The test of the question: does practice with narrow rings help when there is wind? One line per person and episode.
together = played[played["scene"] == "together"]
together = together[[*who, "match", "episode", "agent", "condition.ring", "config.wind", "score"]]
together = together.merge(off, on=[*pair, "agent"])

# What pairs wrote to each other, and whether both took part in it.
talks = data.chat[data.chat["scene"] == "talk"].groupby(["session", "talk"])
talks = talks.agg(messages=("number", "count"), writers=("participant", "nunique")).reset_index()

# What people took for their share of the work, beside how near they kept to their rings.
said = data.answers_wide[[*who, "about.hand", "after.share"]].dropna(subset=["after.share"])
opinions = said.merge(together.groupby(who)["off"].mean().reset_index(), on=who)

for title, table in {"Practice": practice, "Together": together, "Talks": talks, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
