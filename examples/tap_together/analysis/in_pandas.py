"""How closely each person was with the partner, how evenly they tapped, and what they took the partner for.

python examples/tap_together/analysis/in_pandas.py data/tap_together
"""

import sys

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/tap_together")
who = ["session", "participant"]
one, frame_ms = [*who, "match", "episode"], 1000 / 60

# Each round that went on to its end: a pair is a tap of the person and the one of the partner nearest to it. Above 0
# the person was behind. The first eight beats had ticks; here are those after them.
whole = data.episodes.loc[~data.episodes["partial"], [*one, "score"]]
pairs = data.rows[data.rows["infos.person.asynchrony"].notna() & (data.rows["frame"] >= 8 * 36)]
pairs = pairs.assign(ms=pairs["infos.person.asynchrony"] * frame_ms)
rounds = pairs.groupby(one)["ms"].agg(pairs="count", mean_ms="mean", spread_ms="std").reset_index().merge(whole, on=one)

# Which of the two programs it was.
drawn = data.matches[[*who, "match", "policy.partner"]].rename(columns={"policy.partner": "partner"})
drawn["partner"] = drawn["partner"].str.removeprefix("partner.py:")
rounds = rounds.merge(drawn, on=[*who, "match"])

# Each press by the clock of the browser, finer than a frame: the time from one to the next, without gaps of two beats.
presses = data.inputs[(data.inputs["event"] == "press") & (data.inputs["code"] == "Space")].sort_values([*one, "at_ms"])
gaps = presses[one].assign(gap=presses.groupby(one)["at_ms"].diff())
gaps = gaps[gaps["gap"] < 900].groupby(one)["gap"]
tempo = gaps.agg(intervals="count", mean_ms="mean", spread_ms="std").reset_index()

# What they thought, by program.
asked = ["after.who", "after.together", "after.adapted"]
opinions = data.answers_wide[[*who, *asked]].merge(rounds[[*who, "partner"]].drop_duplicates(), on=who)

for title, table in {"Rounds": rounds, "Tempo": tempo, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
