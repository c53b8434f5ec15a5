"""Recorded episodes as data sets of demonstrations, in the Minari format."""
