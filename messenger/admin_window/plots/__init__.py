"""Figures over time: plots by pyqtgraph, which is loaded after the window is shown."""
