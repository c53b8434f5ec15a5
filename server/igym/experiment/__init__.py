"""What a researcher declares: scenes, options, order. Frozen specifications without any running state.

Import a module by its name: a text or an error needs no scenes.
"""
