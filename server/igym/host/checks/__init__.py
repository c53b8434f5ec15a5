"""What is wrong with a study, found before anybody plays it."""
