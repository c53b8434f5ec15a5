"""Stands where PySide6's module of this name would be in the stand-alone app; see QtOpenGL.py beside it.

pyqtgraph derives a class from `QOpenGLWidget` when it is imported, and makes one only where `useOpenGL` is switched on.
"""

from PySide6.QtWidgets import QWidget

QOpenGLWidget = QWidget
