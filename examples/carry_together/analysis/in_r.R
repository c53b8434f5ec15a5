# Practice by condition, what pairs did in calm and in gusts, how near each kept to the rings, messages and opinions.
#
#   Rscript examples/carry_together/analysis/in_r.R data/carry_together
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/carry_together"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
who <- c("session", "participant")
pair <- c("session", "match", "episode")
played <- read("episodes.csv", c(
  "session", "participant", "match", "episode", "scene", "base_id", "agent", "condition.ring", "config.wind", "score",
  "started_at", "partial"
))
played <- subset(played, !partial)

# Practice: how many rounds it took, and the points of the last one. Whoever never passed is here as well.
rounds <- subset(played, base_id == "practice")
rounds <- rounds[order(rounds$session, rounds$participant, rounds$started_at), ]
taken <- aggregate(score ~ session + participant, rounds, length)
last <- aggregate(score ~ session + participant, rounds, function(score) score[length(score)])
rounds <- merge(setNames(taken, c(who, "rounds")), setNames(last, c(who, "last")), by = who)
people <- read("participants.csv", c("session", "participant", "status", "condition.ring", "check.training.passed"))
names(people)[5] <- "passed"
practice <- merge(people, rounds, by = who)

# How far from the middle of the ring each held their own end, on average; both partners' files hold the same rows.
files <- basename(Sys.glob(file.path(folder, "together", "*_ep*.csv")))
rows <- do.call(rbind, lapply(file.path("together", files), read, c(
  "session", "match", "episode", "frame", "infos.left.height", "infos.left.ring", "infos.right.height",
  "infos.right.ring"
)))
rows <- rows[!duplicated(rows[c(pair, "frame")]), ]
ends <- do.call(rbind, lapply(c("left", "right"), function(side) {
  height <- rows[[paste0("infos.", side, ".height")]]
  cbind(rows[pair], agent = side, off = abs(height - rows[[paste0("infos.", side, ".ring")]]))
}))
off <- aggregate(off ~ session + match + episode + agent, ends, mean)

# The test of the question: does practice with narrow rings help when there is wind? One line per person and episode.
together <- subset(played, scene == "together", c(
  "session", "participant", "match", "episode", "agent", "condition.ring", "config.wind", "score"
))
together <- merge(together, off, by = c(pair, "agent"))

# What pairs wrote to each other, and whether both took part in it.
chat <- subset(read("chat.csv", c("session", "scene", "talk", "participant")), scene == "talk")
messages <- setNames(aggregate(participant ~ session + talk, chat, length), c("session", "talk", "messages"))
writers <- aggregate(participant ~ session + talk, chat, function(people) length(unique(people)))
talks <- merge(messages, setNames(writers, c("session", "talk", "writers")), by = c("session", "talk"))

# What people took for their share of the work, beside how near they kept to their rings.
said <- read("answers_wide.csv", c("session", "participant", "about.hand", "after.share"))
said <- subset(said, !is.na(after.share))
opinions <- merge(said, aggregate(off ~ session + participant, together, mean), by = who)

print(practice)
print(together)
print(talks)
print(opinions)
