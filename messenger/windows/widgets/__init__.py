"""The widgets that all windows are made of."""
