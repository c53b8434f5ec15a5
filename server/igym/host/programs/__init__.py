"""Programs of their own: what `igym` and the launcher start."""
