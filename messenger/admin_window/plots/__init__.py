"""Figures over time: plots by pyqtgraph, which is loaded beside the window."""
