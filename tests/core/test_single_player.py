"""One person alone, from the link to the last page."""

from core.world import World, start_playing
