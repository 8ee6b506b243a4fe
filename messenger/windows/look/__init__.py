"""The design system: colours, type, spacing, icons, and how text and shapes are painted."""
