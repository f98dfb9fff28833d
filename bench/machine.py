"""On what and with what a run was made: without it no figure can be compared."""

import os
import platform
import sqlite3
import subprocess
import time
from importlib import metadata
from pathlib import Path
from statistics import median

from bench import postgres, wrk
from bench.postgres import BenchError, Postgres

ROOT = Path(__file__).parent.parent
PROC = Path("/proc")


def describe(server: Postgres, work: Path) -> dict[str, str]:
    """The header of the report, a line a fact."""
    system = f"{platform.system()} {platform.release()}"
    return {
        "machine": f"{cpu_model()}, {os.cpu_count()} cores, {memory_gib():.0f} GiB, {system}",
        "disk": f"{disk_kind(work)}, fdatasync of 8 KiB {sync_ms(work):.2f} ms",
        "python": platform.python_version(),
        "postgres": f"{server.version()} ({', '.join(f'{name}={value}' for name, value in postgres.SETTINGS.items())})",
        "sqlite": sqlite3.sqlite_version,
        "orderdock": revision(),
        "settings": settings(),
        "uvloop": installed("uvloop"),
        "httptools": installed("httptools"),
        "wrk": wrk.version(),
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "load before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }


def cpu_model() -> str:
    """The processor's name."""
    try:
        lines = (PROC / "cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def memory_gib() -> float:
    """The machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def file_system(directory: Path) -> tuple[str, str]:
    """The file system that holds a directory: its type and device."""
    best = ("", "unknown", "unknown")
    try:
        lines = (PROC / "self/mountinfo").read_text().splitlines()
    except OSError:
        return best[1:]
    for line in lines:
        left, _, right = line.partition(" - ")
        point = left.split()[4]
        kind, device = right.split()[:2]
        if directory.is_relative_to(point) and len(point) >= len(best[0]):
            best = (point, kind, device)
    return best[1:]


def disk_kind(directory: Path) -> str:
    """Type and device of the file system, and whether the disk turns."""
    kind, device = file_system(directory)
    turns = Path("/sys/class/block") / Path(device).name / "queue/rotational"
    try:
        spinning = turns.read_text().strip() == "1"
    except OSError:
        return f"{kind} on {device}"
    return f"{kind} on {device} ({'rotating' if spinning else 'solid state'})"


def refuse_memory(directory: Path) -> None:
    """A file system in memory would make durable writes look free."""
    kind, _ = file_system(directory)
    if kind in {"tmpfs", "ramfs"}:
        raise BenchError(f"{directory} lies in memory ({kind}); name a directory on a disk with --dir")


def sync_ms(directory: Path) -> float:
    """How long the disk takes to make 8 KiB durable: the median of a hundred tries, in milliseconds."""
    path = directory / "sync"
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(100):
            start = time.perf_counter()
            file.write(bytes(8192))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - start)
    path.unlink()
    return median(times) * 1000


def revision() -> str:
    """The commit that is measured, and whether the checkout differs from it."""
    git = ["git", "-C", str(ROOT)]
    head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False)
    if head.returncode:
        return "no commit yet"
    return head.stdout.strip() + (" with changes" if changed.stdout.strip() else "")


def installed(package: str) -> str:
    """The version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def settings() -> str:
    """What the environment changes in Orderdock's defaults; a figure tuned by hand must say so."""
    names = sorted(name for name in os.environ if name.startswith("ORDERDOCK_") and "SECRET" not in name)
    return " ".join(f"{name}={os.environ[name]}" for name in names) or "defaults"
