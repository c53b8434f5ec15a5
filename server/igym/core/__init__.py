"""Pure session logic: events in, effects out."""
