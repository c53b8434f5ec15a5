"""Stands in for OpenCV, which the package asks for and uses only to draw pixels."""
