"""Projections of the store to files: what researchers open.

Everything here reads only `records` and `batches` (never the experiment's code), so an export can be made again at any
time, on any machine that has the database. Import a module by its name: the engine needs few of them.
"""
