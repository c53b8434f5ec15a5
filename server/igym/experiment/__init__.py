"""What a researcher declares: scenes, options, order."""
