"""What deploy/ says is true: settings that exist, paths that are there, files that parse."""

import re
import shutil
import stat
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types of its own

from orderdock.settings import SETTINGS, load

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.iterdir() if path.is_file())
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
KNOWN = {f"ORDERDOCK_{row.name.upper()}" for row in SETTINGS}
FILED = {f"ORDERDOCK_{row.name.upper()}_FILE" for row in SETTINGS if row.secret}


@pytest.mark.parametrize("path", [pytest.param(path, id=path.name) for path in FILES])
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"ORDERDOCK_[A-Z_]+[A-Z]", path.read_text()))
    assert named - KNOWN - FILED == set()


def instructions() -> list[tuple[str, str]]:
    """(word, rest) of each instruction of the Dockerfile, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in text.splitlines() if line.strip()]


def test_the_paths_that_are_copied_are_there_and_not_ignored() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    copied = [
        word for name, rest in instructions() if name == "COPY" and "--from" not in rest for word in rest.split()[:-1]
    ]
    assert copied
    assert [word for word in copied if not (ROOT / word).exists() or f"!{word}" not in ignored] == []
    assert "*" in ignored


def test_what_is_taken_away_again_is_only_what_builds() -> None:
    """Every package of the lock that the product itself does not need, and nothing else, is uninstalled."""
    (removed,) = (
        re.findall(r"uninstall --yes (.+)", rest)[0].split() for _, rest in instructions() if "uninstall" in rest
    )
    lock = (ROOT / "requirements.lock").read_text()
    needs = {
        name: set(re.findall(r"#\s+(?:via )?([\w.-]+)", why)) - {"via"}
        for name, why in re.findall(r"^([\w-]+)==.*?\n((?:    .*\n)+)", lock, re.MULTILINE)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    build = {re.split(r"[>=<\[;]", word)[0] for word in project["optional-dependencies"]["build"]}
    direct = {re.split(r"[>=<\[;]", word)[0].lower() for word in project["dependencies"]}
    only = {name for name in needs if name in build and name not in direct}
    while more := {name for name, why in needs.items() if name not in only | direct and why and why <= only}:
        only |= more
    assert set(removed) == only | {"pip"}


def test_the_image_runs_as_nobody_special() -> None:
    said = instructions()
    last = max(index for index, (name, _) in enumerate(said) if name == "FROM")
    final = dict(said[last:])
    assert final["USER"] == "10001:10001"
    assert final["VOLUME"] == "/var/lib/orderdock"
    assert final["ENTRYPOINT"] == '["orderdock"]'  # itself process 1, so that SIGTERM reaches it
    assert "/readyz" in final["HEALTHCHECK"]


def test_compose_has_no_password_and_no_open_database() -> None:
    services = COMPOSE["services"]
    assert "ports" not in services["database"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert services["database"]["networks"] == ["inside"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert all(not re.search("PASSWORD$|URL$|SECRET$", name) for name in service.get("environment", {}))
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    assert services["orderdock"]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    build = services["orderdock"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Dockerfile"
    assert all(port.startswith("127.0.0.1:") for port in services["orderdock"]["ports"])


def test_secrets_are_made_once(tmp_path: Path) -> None:
    script = Path(shutil.copy(DEPLOY / "make-secrets.sh", tmp_path))
    first = subprocess.run(["sh", script], capture_output=True, text=True, timeout=60, check=True)
    assert "made secrets/" in first.stdout
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == {Path(one["file"]).name for one in COMPOSE["secrets"].values()}
    assert made["database_url"] == f"postgresql://orderdock:{made['postgres_password']}@database:5432/orderdock"
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    settings = load(environ={
        "ORDERDOCK_DATABASE": "", "ORDERDOCK_DATABASE_FILE": str(tmp_path / "secrets" / "database_url"),
        "ORDERDOCK_SECRET_FILE": str(tmp_path / "secrets" / "orderdock_secret"),
    })  # fmt: skip
    assert settings.database == made["database_url"]
    assert len(made["orderdock_secret"]) == len(made["postgres_password"]) == 64
    subprocess.run(["sh", script], capture_output=True, text=True, timeout=60, check=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made


def unit() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "orderdock.service").read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            found.setdefault(line.partition("=")[0], []).append(line.partition("=")[2])
    return found


def test_the_unit_waits_longer_than_a_stop_takes() -> None:
    said = unit()
    longest = load(environ={}).stop_timeout + 5
    assert int(said["TimeoutStopSec"][0]) > longest
    assert said["KillMode"] == ["mixed"]
    credentials = {line.partition(":")[0] for line in said["LoadCredential"]}
    assert {line.rpartition("/")[2] for line in said["Environment"]} == credentials


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Where there is a systemd; elsewhere the words of the unit are at least those that it knows."""
    text = (DEPLOY / "orderdock.service").read_text()
    assert not re.search(r"^[^#\[\n][^=]*$", text, re.MULTILINE)
    if program := shutil.which("systemd-analyze"):
        (tmp_path / "orderdock.service").write_text(text.replace("/opt/orderdock/bin/orderdock", "/bin/true"))
        done = subprocess.run(
            [program, "verify", tmp_path / "orderdock.service"], capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, "orderdock.service:" in done.stderr) == (0, False), done.stderr
