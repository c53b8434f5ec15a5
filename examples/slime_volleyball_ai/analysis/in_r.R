# How people did against the network, whom they took it for, and whether those who won saw it otherwise.
#
#   Rscript examples/slime_volleyball_ai/analysis/in_r.R data/slime_volleyball_ai
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/slime_volleyball_ai"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- basename(Sys.glob(file.path(folder, "match", "*_ep*.csv")))
who <- c("session", "participant")

# Games that were played to their end. The score is points made less points lost; 30 frames are a second.
games <- read("episodes.csv", c("session", "participant", "match", "episode", "frames", "score", "partial"))
games <- subset(games, !partial, select = -partial)
games$won <- games$score > 0
games$seconds <- games$frames / 30

# How often the ball was touched: the person plays left, the network right.
rows <- do.call(rbind, lapply(file.path("match", files), read, c(
  "session", "participant", "match", "episode", "infos.left.touched", "infos.right.touched"
)))
touched <- aggregate(
  cbind(touches = infos.left.touched, network_touches = infos.right.touched) ~
    session + participant + match + episode, rows, sum
)
games <- merge(games, touched, by = c(who, "match", "episode"))

# What each person thought, beside how they did.
did <- aggregate(cbind(wins = won, score) ~ session + participant, games, sum)
opinions <- read("answers_wide.csv", c(
  "session", "participant", "survey.option", "survey.fun", "survey.skill", "survey.fair"
))
opinions <- merge(opinions, did, by = who)

# Whom they took it for.
guesses <- aggregate(cbind(wins, skill = survey.skill) ~ survey.option, opinions, mean)
guesses$people <- as.vector(table(opinions$survey.option)[guesses$survey.option])

print(games)
print(guesses)
print(opinions)
