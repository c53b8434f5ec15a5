"""A study's folder: its experiment loaded, its environments called, its sources kept."""
