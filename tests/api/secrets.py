"""What must be found nowhere, in every form that it could be written in, and the grep that looks for it."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, quote_plus

import zstandard

_MEMBER: Final = zstandard.ZstdDecompressor()


def forms(secret: str) -> dict[str, bytes]:
    """A secret as it could be written. In base64 it looks another way at each of the three alignments."""
    plain = secret.encode()
    found = {
        "plain": plain,
        "JSON": json.dumps(secret)[1:-1].encode(),
        "URL-quoted": quote(secret, safe="").encode(),
        "form-quoted": quote_plus(secret).encode(),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "reversed": plain[::-1],
        "UTF-16": secret.encode("utf-16-le"),
    }
    for shift in range(3):
        # Characters that its neighbours have a part in are left out.
        first, last = (0, 2, 3)[shift], (len(plain) + shift) * 8 // 6
        for name, code in (("base64", base64.b64encode), ("URL base64", base64.urlsafe_b64encode)):
            found[f"{name} at {shift}"] = code(b"\0" * shift + plain)[first:last]
    twice = base64.b64encode(base64.b64encode(plain))
    found["base64 of base64"] = twice[: len(twice) // 4 * 4 - 4]
    return found


class Grep:
    """Looks for secrets, by name."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._wanted = [
            (f"{name}, {form}", text) for name, secret in secrets.items() for form, text in forms(secret).items()
        ]

    def found(self, data: bytes) -> list[str]:
        """Every "secret, form" that stands in some bytes; also inside what was compressed as a whole."""
        return [name for name, text in self._wanted if text in data]


def files(folder: Path, *, but: tuple[str, ...] = ()) -> Iterator[tuple[str, bytes]]:
    """(path, content) of every file under a folder, hidden ones included."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.name not in but:
            yield str(path.relative_to(folder)), path.read_bytes()


def unpacked(value: Any) -> bytes:
    """What a value of the database says, decompressed when it is a compressed one."""
    if not isinstance(value, bytes | memoryview):
        return str(value).encode("utf-8", "surrogatepass")
    data = bytes(value)
    try:
        return data + _MEMBER.decompress(data, max_output_size=1 << 26)
    except zstandard.ZstdError:
        return data
