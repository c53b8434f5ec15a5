"""Every message between server and browser, as frozen types: the one source of truth for both sides.

Import a module by its name: whoever needs `told` alone does not load the messages, which costs a tenth of a second.
"""
