"""Python packages for games: found, fetched, kept beside the studies, and served to browsers."""
