"""What is in `deploy/` fits the server: the dashboard's metrics, the unit, and the image."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from messenger.server.config import load_settings
from messenger.server.monitoring.metrics import MetricsPage
from tests.forking import ROOT
from tests.in_process import InProcessServer
from tests.ports import free_port
from tests.running import running

DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\b(?:messenger|process)_\w+")


def dashboard() -> dict[str, object]:
    return dict(json.loads((DEPLOY / "grafana-dashboard.json").read_text("utf-8")))


def texts(part: object) -> Iterator[str]:
    """Yield every query of the dashboard."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("expr", "query") and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(part, list):
        for one in part:
            yield from texts(one)


def test_the_dashboard_uses_only_metrics_that_exist(in_process_server: InProcessServer) -> None:
    page = MetricsPage(in_process_server.server.services.statistics, "uvloop").render().decode()
    samples = [one for family in text_string_to_metric_families(page) for one in family.samples]
    labels: dict[str, set[str]] = {}
    for one in samples:
        labels.setdefault(one.name, set()).update(one.labels)

    queries = list(texts(dashboard()))

    assert len(queries) > 20
    used = {name for query in queries for name in METRIC.findall(query)}
    assert used <= labels.keys()
    # And it shows all of them, but for the counts of the lag, which its buckets have.
    assert labels.keys() - used <= {
        *("messenger_event_loop_lag_seconds_count", "messenger_event_loop_lag_seconds_sum")
    }
    for query in queries:
        for found in re.findall(r"by \(([\w, ]+)\)", query):
            wanted = set(found.split(", "))
            assert all(wanted <= labels[name] for name in METRIC.findall(query)), query


def test_the_dashboard_shows_the_servers_that_are_chosen_and_no_other_process() -> None:
    chosen = 'job=~"$job",instance=~"$instance"'
    queries = [one for one in texts(dashboard()["panels"]) if METRIC.search(one)]
    assert len(queries) > 20
    for query in queries:
        for selector in re.findall(r"\b(?:messenger|process)_\w+(?:\{([^}]*)\})?", query):
            assert chosen in selector, query
    # "All" is every server that has such metrics: an `allValue` of ".*" is every process there is.
    assert "allValue" not in json.dumps(dashboard()["templating"])


def test_a_figure_of_the_dashboard_is_red_only_where_that_means_something() -> None:
    panels = dashboard()["panels"]
    assert isinstance(panels, list)
    figures = [one for one in panels if one["type"] == "stat"]
    assert len(figures) > 5
    for figure in figures:  # Without steps Grafana colours all red from 80 on.
        steps = figure["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert steps[0]["value"] is None, figure["title"]


def test_the_dashboard_is_laid_out_without_overlaps() -> None:
    panels = dashboard()["panels"]
    assert isinstance(panels, list)
    cells: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in cells, panel["title"]
                cells.add((x, y))
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_the_unit_is_valid_and_hardened(tmp_path: Path) -> None:
    text = (DEPLOY / "messenger.service").read_text("utf-8")
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have cases
    unit.read_string(text)

    service = unit["Service"]
    assert service["Type"] == "notify"
    # A database that is away for ten seconds is no reason to kill the server.
    assert int(service["WatchdogSec"]) >= 30
    command = shlex.split(service["ExecStart"])
    assert Path(command[0]).name == "messenger"
    assert service["StateDirectory"] == Path(command[command.index("--data") + 1]).name
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    file = tmp_path / "messenger.service"
    here = text.replace("/opt/messenger/.venv/bin/messenger", shutil.which("true") or "/bin/true")
    file.write_text(here.replace("User=messenger", f"User={os.geteuid()}"), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", file], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", file],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def instructions() -> dict[str, list[str]]:
    """Return the instructions of the last stage of the image by their names."""
    lines = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        name, _, rest = line.partition(" ")
        if name == "FROM":
            found.clear()
        if name.isupper():
            found.setdefault(name, []).append(rest.strip())
    return found


def test_the_image_is_not_roots_and_keeps_its_data() -> None:
    image = instructions()

    user, group = image["USER"][-1].split(":")
    assert int(user) > 0
    assert int(group) > 0
    set_ = dict(pair.split("=") for pair in shlex.split(image["ENV"][0]))
    assert image["VOLUME"] == [set_["MESSENGER_DATA"]]
    names = {name: value for name, value in set_.items() if name.startswith("MESSENGER_")}
    settings = load_settings({}, names)
    assert image["EXPOSE"][0].split() == [str(settings.port), str(settings.metrics_port)]


def test_the_settings_that_the_page_gives_a_container_take_effect() -> None:
    page = (ROOT / "docs" / "monitoring.md").read_text("utf-8")
    given = re.findall(r"-e (MESSENGER_\w+)=([^\s`]*)", page)

    assert "MESSENGER_METRICS_ADDRESS" in dict(given)
    for name, value in given:
        # An empty variable counts as not set.
        assert load_settings({}, {name: value}) != load_settings({}, {}), name


def test_the_images_check_of_health_tells_a_server_that_runs_from_none(tmp_path: Path) -> None:
    words = json.loads(instructions()["HEALTHCHECK"][0].partition("CMD ")[2])
    port = free_port()
    environment = os.environ | {"MESSENGER_METRICS_PORT": str(port)}

    def check() -> int:
        python = [shutil.which("python3") or "python3", *words[1:]]
        return subprocess.run(python, env=environment, capture_output=True).returncode

    assert check() == 1
    (tmp_path / "messenger.toml").write_text(f"metrics_port = {port}", "utf-8")
    with running(tmp_path):
        assert check() == 0
    assert check() == 1
