"""Icons and texts shipped with the launcher."""
