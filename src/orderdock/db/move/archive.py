"""The one file of a backup: a zip archive of the database, the secret and a manifest that says what they hold."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final

import msgspec

from orderdock.db.move.content import Content
from orderdock.errors import Invalid, Unsafe

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SECRET: Final = "orderdock.secret"
DATABASES: Final = {"sqlite": "orderdock.db", "postgresql": "orderdock.pgdump"}
_CHUNK: Final = 1 << 20
_LONGEST_MANIFEST: Final = 256 * _CHUNK
# Whatever a damaged archive makes of itself when it is read.
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, msgspec.MsgspecError, KeyError, RuntimeError, ValueError)


class Part(msgspec.Struct, frozen=True):
    """A file of the archive: its bytes, and their checksum."""

    size: int
    digest: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds, and of what it was made.

    `server` and `program` are the versions of PostgreSQL and its pg_dump, `place` the schema of its tables. `last` is
    the newest event of each account; `faults` says what was not sound in the database itself.
    """

    format: int
    orderdock: str
    made_at: int
    engine: str
    schema: str
    server: int
    program: int
    place: str
    last: dict[int, int]
    faults: list[str]
    tables: list[Content]
    parts: dict[str, Part]


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The content of a file, some at a time."""
    while chunk := file.read(_CHUNK):
        yield chunk


class Writer:
    """Writes an archive, part by part; the manifest comes last."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self.parts: dict[str, Part] = {}

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Add a part."""
        size, digest = 0, blake2b(digest_size=32)
        with self._zip.open(name, "w", force_zip64=True) as part:
            for chunk in content:
                size += len(chunk)
                digest.update(chunk)
                part.write(chunk)
        self.parts[name] = Part(size, digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Add the manifest, and see to it that all is on the disk."""
        self.add(MANIFEST, [msgspec.json.encode(manifest)])
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file, finished or not."""
        self._zip.close()
        self._file.close()


class Archive:
    """A backup that is being read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._whole():
            self._zip = zipfile.ZipFile(path)
        with self._whole():
            if self._zip.getinfo(MANIFEST).file_size > _LONGEST_MANIFEST:
                raise ValueError("the manifest is too long")
            text = self._zip.read(MANIFEST)
            self._demand_format(text)
            self.manifest = msgspec.json.decode(text, type=Manifest)

    def _demand_format(self, text: bytes) -> None:
        found = msgspec.json.decode(text)
        if isinstance(found, dict) and found.get("format", FORMAT) != FORMAT:
            made = found.get("orderdock")
            raise Invalid(f"{self._path} was made by Orderdock {made}, in a form that this version does not know")

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            said = str(error) or type(error).__name__
            raise Invalid(f"{self._path} is not a whole backup: it was cut or changed ({said})") from None
        except OSError as error:
            raise Invalid(f"{self._path} cannot be read: {error.strerror or error}") from None

    def read(self, name: str) -> Iterator[bytes]:
        """A part, some at a time. Raises Invalid, at the latest at its end, when it is not what was written."""
        with self._whole():
            wanted, size, digest = self.manifest.parts[name], 0, blake2b(digest_size=32)
            with self._zip.open(name) as part:
                while chunk := part.read(_CHUNK):
                    size += len(chunk)
                    digest.update(chunk)
                    if size > wanted.size:
                        break
                    yield chunk
            if (size, digest.hexdigest()) != (wanted.size, wanted.digest):
                raise ValueError(f"{name} has another checksum")

    def check(self) -> None:
        """Read every part to its end. Raises Invalid when one is not what was written."""
        for name in self.manifest.parts:
            for _ in self.read(name):
                pass

    def extract(self, name: str, to: Path) -> None:
        """Write a part into a new file (0600)."""
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in self.read(name):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())

    @property
    def secret(self) -> str | None:
        """The secret, if it is in the backup."""
        return b"".join(self.read(SECRET)).decode().strip() if SECRET in self.manifest.parts else None

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


@contextmanager
def workshop(path: Path) -> Iterator[Path]:
    """A folder of our own beside a file that is to be made (0700), gone afterwards with what is left in it."""
    try:
        folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    except OSError as error:
        raise Unsafe(f"{path.parent} cannot be written to: {error.strerror}") from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put(made: Path, path: Path, *, force: bool = False) -> None:
    """Give a finished file its name, in one step that survives a loss of power; only `force` puts it over another."""
    if force:
        os.replace(made, path)
    else:
        try:
            os.link(made, path)
        except FileExistsError:
            raise Invalid(f"{path} is there already") from None
    handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
