"""Interactive Gym Desktop."""
