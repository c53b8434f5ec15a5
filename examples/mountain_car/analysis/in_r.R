# How fast each person reached the flag, whether they got better, and what they said about it.
#
#   Rscript examples/mountain_car/analysis/in_r.R data/mountain_car
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/mountain_car"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- basename(Sys.glob(file.path(folder, "drive", "*_ep*.csv")))
who <- c("session", "participant")
attempt <- c(who, "match", "episode")

# Each attempt: how many frames it took (30 are a second), and whether the flag was reached.
rows <- do.call(rbind, lapply(file.path("drive", files), read, c(
  "session", "participant", "match", "episode", "frame", "actions.driver", "terminated.driver"
)))
reached <- setNames(
  aggregate(terminated.driver ~ session + participant + match + episode, rows, any), c(attempt, "reached")
)
attempts <- read("episodes.csv", c("session", "participant", "match", "episode", "frames", "partial"))
attempts <- subset(merge(attempts, reached, by = attempt), !partial, select = -partial)
attempts$seconds <- attempts$frames / 30

# How often the direction changed: whoever swings along with the hill changes seldom.
rows <- rows[order(rows$session, rows$participant, rows$match, rows$episode, rows$frame), ]
changes <- setNames(
  aggregate(actions.driver ~ session + participant + match + episode, rows, function(x) sum(diff(x) != 0)),
  c(attempt, "changes")
)

# The first attempt less the second, beside the answers.
first <- subset(attempts, episode == 0, c("session", "participant", "match", "seconds"))
second <- subset(attempts, episode == 1, c("session", "participant", "match", "seconds"))
faster <- merge(first, second, by = c(who, "match"), suffixes = c("_first", "_second"))
faster$faster_s <- faster$seconds_first - faster$seconds_second
opinions <- read(
  "answers_wide.csv", c("session", "participant", "survey.fun", "survey.difficulty", "survey.insight")
)
opinions <- merge(opinions, faster[c(who, "faster_s")], by = who)

print(attempts)
print(changes)
print(opinions)
