"""Stands where PySide6's module of this name would be in the stand-alone app.

pyqtgraph imports it whatever it draws with, and the app's curves are drawn without OpenGL: nine megabytes less.
"""
