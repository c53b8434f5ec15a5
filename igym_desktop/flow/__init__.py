"""What the launcher decides, without Qt: pages only show what is computed here."""
