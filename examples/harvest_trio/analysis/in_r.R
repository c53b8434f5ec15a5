# How many apples each of the three took, what it did to the trees, and what people said about it.
#
#   Rscript examples/harvest_trio/analysis/in_r.R data/harvest_trio
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/harvest_trio"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- basename(Sys.glob(file.path(folder, "orchard", "*_ep*.csv")))
who <- c("session", "participant")
game <- c("session", "match", "episode")

# Every frame once: both people's files hold the same. Only harvests that went on to their end.
whole <- read("episodes.csv", c("session", "participant", "match", "episode", "agent", "partial"))
whole <- subset(whole, !partial, select = -partial)
rows <- do.call(rbind, lapply(file.path("orchard", files), read, c(
  "session", "match", "episode", "frame", "infos.teal.picked", "infos.plum.picked", "infos.robot.picked",
  "infos.teal.apples_left"
)))
rows <- merge(rows[!duplicated(rows[c(game, "frame")]), ], unique(whole[game]), by = game)
rows <- rows[order(rows$session, rows$match, rows$episode, rows$frame), ]

# What each of the three took, the robot too, and which part of the harvest that was.
taken <- do.call(rbind, lapply(c("teal", "plum", "robot"), function(one) {
  picked <- aggregate(rows[paste0("infos.", one, ".picked")], rows[game], max)
  cbind(setNames(picked, c(game, "apples")), agent = one)
}))
taken$share <- taken$apples / ave(taken$apples, taken$session, taken$match, taken$episode, FUN = sum)

# The trees: apples that hung there on average, at the fewest, and at the end.
trees <- aggregate(
  infos.teal.apples_left ~ session + match + episode, rows,
  function(x) c(mean_left = mean(x), fewest = min(x), at_the_end = tail(x, 1))
)
trees <- setNames(do.call(data.frame, trees), c(game, "mean_left", "fewest", "at_the_end"))

# What they said, beside what they took themselves: a third of everything would be an equal part.
own <- aggregate(share ~ session + participant, merge(whole, taken, by = c(game, "agent")), mean)
opinions <- read("answers_wide.csv", c(
  "session", "participant", "survey.option", "survey.fair", "survey.trust", "survey.robot"
))
opinions <- merge(opinions, setNames(own, c(who, "own_share")), by = who)

print(taken)
print(trees)
print(opinions)
