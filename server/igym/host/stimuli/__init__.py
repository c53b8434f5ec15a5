"""Recorded episodes as stimuli: which ones a page shows, and what it is given to show them."""
