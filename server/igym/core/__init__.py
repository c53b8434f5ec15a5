"""Pure session logic: events in, effects out. No clock, socket, thread, file or random source of its own.

Import a module by its name: whoever only reads what was recorded needs some of the words, not the rules.
"""
