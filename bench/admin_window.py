"""Has the administration window run offscreen on a server with 100,000 accounts."""

import json
import os
import sys
from pathlib import Path

from bench import machine

_PATIENCE = 120.0


def measure(data: Path) -> dict[str, float]:
    """Have the window measure itself on the server that runs in this directory."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    process = machine.on_its_core([sys.executable, "-m", "bench.admin_window_script", str(data)])
    figures, _ = process.communicate(timeout=_PATIENCE)
    return dict(json.loads(figures))
