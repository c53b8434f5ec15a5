# How the patterns were rated, which one people would hang up, and whether they chose the same twice.
#
#   Rscript examples/survey_tour/analysis/in_r.R data/survey_tour
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/survey_tour"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
who <- c("session", "participant")

# Answers of those who came to the end, a line each.
people <- read("participants.csv", c("session", "participant", "status"))
finished <- subset(people, status == "finished", who)
answers <- read("answers.csv", c("session", "participant", "scene", "base_id", "field", "value", "number"))
answers <- merge(answers, finished, by = who)

# Each pattern's ratings.
ratings <- aggregate(
  number ~ base_id + field, subset(answers, startsWith(base_id, "rate_")),
  function(x) c(length(x), mean(x), sd(x))
)
ratings <- setNames(do.call(data.frame, ratings), c("base_id", "field", "count", "mean", "sd"))

# The favourites.
favourites <- aggregate(field ~ value, subset(answers, base_id == "favourite" & field == "choice"), length)
favourites <- setNames(favourites, c("value", "people"))

# The two rounds of the same choice: `base_id` is the page, `scene` the round of it.
pairs <- aggregate(
  value ~ session + participant, subset(answers, base_id == "pair" & field == "option"),
  function(x) c(length(x), length(unique(x)))
)
pairs <- setNames(do.call(data.frame, pairs), c(who, "rounds", "different"))
pairs$consistent <- pairs$rounds == 2 & pairs$different == 1

# How long each page was looked at, in seconds.
pages <- read("scenes.csv", c("base_id", "duration_s"))
pages <- setNames(aggregate(duration_s ~ base_id, pages, median), c("base_id", "median_s"))

print(ratings)
print(favourites)
print(pairs)
print(pages)
