# Gates and errors before, during and after practice, by condition; how closely the light was followed; opinions.
#
#   Rscript examples/windy_crossing/analysis/in_r.R data/windy_crossing
#
# It needs the package readr.
library(readr)

given <- commandArgs(trailingOnly = TRUE)
folder <- if (length(given)) given[1] else "data/windy_crossing"
read <- function(name, columns) {
  as.data.frame(read_csv(file.path(folder, name), show_col_types = FALSE))[columns]
}
files_of <- function(scenes) {
  files <- Sys.glob(file.path(folder, scenes, "*_ep*.csv"))
  file.path(basename(dirname(files)), basename(files))
}
who <- c("session", "participant")
crossing <- c(who, "scene", "episode")

# Each crossing: gates passed, and how far beside the middle of the gates the boat was (absolute, on average).
rows <- do.call(rbind, lapply(files_of(c("first", "advised", "practice", "last")), read, c(
  "session", "participant", "scene", "episode", "infos.agent_0.off"
)))
rows$error <- abs(rows$infos.agent_0.off)
errors <- aggregate(error ~ session + participant + scene + episode, rows, mean)
whole <- read("episodes.csv", c(
  "session", "participant", "scene", "episode", "condition.advice", "score", "partial"
))
crossings <- merge(subset(whole, !partial, select = -partial), errors, by = crossing)
names(crossings)[names(crossings) == "score"] <- "gates"

# What practice with or without the light has done: the last crossing less the first.
of <- function(name) subset(crossings, scene == name, c(who, "gates", "error"))
learned <- merge(of("first"), of("last"), by = who, suffixes = c("_first", "_last"))
learned <- merge(learned, unique(crossings[c(who, "condition.advice")]), by = who)
learned$more_gates <- learned$gates_last - learned$gates_first

# How far from the light people steered, on average, and whether that became less.
followed <- data.frame(session = character(), participant = character(), scene = character(), episode = numeric(),
  distance = numeric())
if (length(files_of("advised"))) {
  advised <- do.call(rbind, lapply(files_of("advised"), read, c(
    "session", "participant", "scene", "episode", "actions.agent_0.0", "advice.agent_0.0"
  )))
  advised$distance <- abs(advised$actions.agent_0.0 - advised$advice.agent_0.0)
  followed <- aggregate(distance ~ session + participant + scene + episode, advised, mean)
}

# What they said, beside what they learned.
opinions <- read("answers_wide.csv", c(
  "session", "participant", "survey.control", "survey.wind", "survey.effort", "survey.better"
))
opinions <- merge(opinions, learned[c(who, "more_gates")], by = who)

print(crossings)
print(learned)
print(followed)
print(opinions)
