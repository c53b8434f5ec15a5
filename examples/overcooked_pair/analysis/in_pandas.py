"""How many soups each pair served in which kitchen, how the work was divided, and what the cooks thought of it.

python examples/overcooked_pair/analysis/in_pandas.py data/overcooked_pair
"""

import sys

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/overcooked_pair")
who, game = ["session", "participant"], ["session", "match", "episode"]
deeds = ["onion", "plate", "pot", "put", "serve"]

# Each round of each pair once: what both were given is the same.
rounds = data.episodes[(data.episodes["scene"] == "cook") & ~data.episodes["partial"]]
soups = rounds.drop_duplicates(game)[[*game, "condition.layout", "score"]].rename(columns={"score": "soups"})

# What each cook did, counted; of a pair's rows one file is enough.
rows = data.rows[data.rows["scene"] == "cook"].drop_duplicates([*game, "frame"])
work = rounds[[*who, "match", "episode", "agent"]].astype({"agent": int}).reset_index(drop=True)
for deed in deeds:
    done = {
        agent: (rows[f"infos.{agent}.did"] == deed).groupby([rows[name] for name in game]).sum() for agent in (0, 1)
    }
    work[deed] = [
        int(done[one.agent].loc[(one.session, one.match, one.episode)]) for one in work.itertuples(index=False)
    ]

# The share of all deeds that was one's own: 0.5 is half of the work.
work["own"] = work[deeds].sum(axis=1)
together = rows[["infos.0.did", "infos.1.did"]].isin(deeds).sum(axis=1).groupby([rows[name] for name in game]).sum()
work["share"] = (
    work["own"] / together.loc[list(zip(*(work[name] for name in game), strict=True))].clip(lower=1).to_numpy()
)

# What they said, beside their share of the work.
shares = work.groupby(who)["share"].mean().reset_index()
opinions = data.answers_wide[[*who, "survey.team", "survey.knew", "survey.share", "survey.again"]].merge(shares, on=who)

for title, table in {"Soups": soups, "Work": work, "Opinions": opinions}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
