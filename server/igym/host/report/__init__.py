"""What a method section needs of recorded sessions: who took part, how well it ran, what proves it."""
