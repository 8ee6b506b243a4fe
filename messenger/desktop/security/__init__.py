"""Security in the window: verification, devices, recovery, QR codes, and notices about them."""
