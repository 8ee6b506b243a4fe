"""The desktop client: windows on the client library, with PyQt6."""
