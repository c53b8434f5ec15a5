# What was sent and given back before and after a talk or a rest, what everybody earned, and what they said.
#
#   Rscript examples/trust_game/analysis/in_r.R data/trust_game
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/trust_game"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files <- Sys.glob(file.path(folder, c("before", "after"), "*_ep*.csv"))
files <- file.path(basename(dirname(files)), basename(files))
who <- c("session", "participant")
part <- c("session", "scene", "match")

# Every row once: both players' files hold the same. A gift is a row that tells what was sent, or what came back.
rows <- do.call(rbind, lapply(files, read, c(
  "session", "scene", "match", "frame", "infos.teal.rounds", "infos.teal.sent", "infos.teal.returned"
)))
rows <- rows[!duplicated(rows[c(part, "frame")]), ]
rows <- rows[order(rows$session, rows$scene, rows$match, rows$frame), ]
sent <- setNames(subset(rows, infos.teal.sent >= 0, c(part, "infos.teal.sent")), c(part, "sent"))
sent$round <- ave(sent$sent, sent$session, sent$scene, sent$match, FUN = seq_along)
back <- subset(rows, infos.teal.returned >= 0, c(part, "infos.teal.rounds", "infos.teal.returned"))
back <- setNames(back, c(part, "round", "returned"))

# One line per round. Of nothing nothing can be given back.
pairs <- read("episodes.csv", c("session", "scene", "match", "condition.communication", "partial"))
pairs <- subset(pairs[!duplicated(pairs[part]), ], !partial, select = -partial)
rounds <- merge(merge(sent, back, by = c(part, "round"), all.x = TRUE), pairs, by = part)
rounds$returned[is.na(rounds$returned)] <- 0
rounds$returned_share <- ifelse(rounds$sent > 0, rounds$returned / (3 * rounds$sent), NA)

# The test of the question: does a talk change what is sent, and how much of it comes back?
change <- aggregate(
  rounds[c("sent", "returned_share")], rounds[c("condition.communication", "scene")], mean, na.rm = TRUE
)
change$returned_share[is.nan(change$returned_share)] <- NA

# Points of each person, and what they said.
earned <- aggregate(score ~ session + participant, read("episodes.csv", c("session", "participant", "score")), sum)
earned <- setNames(earned, c(who, "points"))
opinions <- read("answers_wide.csv", c(
  "session", "participant", "survey.trust", "survey.fair", "survey.kind", "survey.gain"
))
opinions <- merge(opinions, earned, by = who)

print(rounds)
print(change)
print(opinions)
