"""How the patterns were rated, which one people would hang up, and whether they chose the same twice.

python examples/survey_tour/analysis/in_pandas.py data/survey_tour
"""

import sys

import igym

data = igym.load(sys.argv[1] if len(sys.argv) > 1 else "data/survey_tour")
who = ["session", "participant"]

# Answers of those who came to the end, a line each.
finished = data.participants.loc[data.participants["status"] == "finished", who]
answers = data.answers_long.merge(finished, on=who)

# Each pattern's ratings.
ratings = answers[answers["base_id"].str.startswith("rate_")].groupby(["base_id", "field"])["number"]
ratings = ratings.agg(count="count", mean="mean", sd="std").reset_index()

# The favourites.
favourites = answers[(answers["base_id"] == "favourite") & (answers["field"] == "choice")]
favourites = favourites.groupby("value").size().rename("people").reset_index()

# The two rounds of the same choice: `base_id` is the page, `scene` the round of it.
pairs = answers[(answers["base_id"] == "pair") & (answers["field"] == "option")]
pairs = pairs.groupby(who)["value"].agg(rounds="size", different="nunique").reset_index()
pairs["consistent"] = (pairs["rounds"] == 2) & (pairs["different"] == 1)

# How long each page was looked at, in seconds.
pages = data.scenes.groupby("base_id")["duration_s"].median().rename("median_s").reset_index()

for title, table in {"Ratings": ratings, "Favourites": favourites, "Two rounds": pairs, "Pages": pages}.items():
    print(f"\n{title}\n{table.to_string(index=False)}")
