"""Tests of what all windows share: the look and the widgets."""
