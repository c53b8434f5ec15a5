"""What was sent and given back before and after a talk or a rest, what everybody earned, and what they said.

python examples/trust_game/analysis/in_pandas.py data/trust_game
"""

import sys

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/trust_game")
who, part = ["session", "participant"], ["session", "scene", "match"]

# Every row once: both players' files hold the same. A gift is a row that tells what was sent, or what came back.
rows = data.rows.drop_duplicates([*part, "frame"]).sort_values([*part, "frame"])
sent = rows[rows["infos.teal.sent"] >= 0][[*part, "infos.teal.sent"]].rename(columns={"infos.teal.sent": "sent"})
sent["round"] = sent.groupby(part).cumcount() + 1
back = rows[rows["infos.teal.returned"] >= 0][[*part, "infos.teal.rounds", "infos.teal.returned"]]
back = back.set_axis([*part, "round", "returned"], axis=1)

# One line per round. Of nothing nothing can be given back.
pairs = data.episodes.drop_duplicates(part)[[*part, "condition.communication", "partial"]]
rounds = sent.merge(back, on=[*part, "round"], how="left").merge(pairs[~pairs["partial"]], on=part)
rounds = rounds.drop(columns="partial").fillna({"returned": 0})
rounds["returned_share"] = (rounds["returned"] / (3 * rounds["sent"])).where(rounds["sent"] > 0)

# The test of the question: does a talk change what is sent, and how much of it comes back?
change = rounds.groupby(["condition.communication", "scene"])[["sent", "returned_share"]].mean().reset_index()

# Points of each person, and what they said.
earned = data.episodes.groupby(who)["score"].sum().rename("points").reset_index()
said = data.answers_wide[[*who, "survey.trust", "survey.fair", "survey.kind", "survey.gain"]]
opinions = said.merge(earned, on=who)

for title, table in {"Rounds": rounds, "Change": change, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
