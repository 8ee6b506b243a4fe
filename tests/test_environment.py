"""`client.py` and `server.py`, run by a Python without the libraries."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forking import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the scripts in a directory with an odd name, without an environment."""
    project = tmp_path / "мой messenger"
    shutil.copytree(ROOT / "messenger", project / "messenger")
    for script in ("client.py", "server.py"):
        shutil.copy(ROOT / script, project)
    return project


def run(project: Path, script: str) -> subprocess.CompletedProcess[str]:
    # Without `site` Python finds its standard library only.
    return subprocess.run(
        [sys.executable, "-S", project / script, "-n", "Dave Smith"],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": ""},
    )


@pytest.mark.parametrize("script", ["client.py", "server.py"])
def test_a_script_finds_its_environment(project: Path, script: str) -> None:
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    python.chmod(0o755)

    assert run(project, script).stdout == f"{project / script}|-n|Dave Smith|"


@pytest.mark.parametrize("script", ["client.py", "server.py"])
def test_a_script_says_how_to_set_it_up(project: Path, script: str) -> None:
    done = run(project, script)

    assert done.returncode == 2
    assert done.stderr == f"Messenger is not set up here: run make setup in {project}\n"


def test_r07_the_tests_of_the_required_functions_run_under_unittest() -> None:
    command = [sys.executable, "-m", "unittest", "tests.test_server", "tests.test_client"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert re.search(r"Ran [1-9]\d* tests", done.stderr)
