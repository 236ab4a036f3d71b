"""Moonshine's tokenizer.bin: each token is its length (one byte, or two from 128 on) and its bytes."""

from __future__ import annotations

from pathlib import Path

BEGIN = 1
END = 2
_SPACE = "▁"


class MoonshineVocabulary:
    """Token ids to text."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        self._tokens: list[bytes] = []
        position = 0
        while position < len(data):
            size = data[position]
            position += 1
            if size >= 128:
                size = size - 128 + 128 * data[position]
                position += 1
            self._tokens.append(data[position : position + size])
            position += size
        if len(self._tokens) < 1000:
            raise ValueError(f"{path} holds only {len(self._tokens)} tokens")

    def text(self, ids: list[int]) -> str:
        """The text of `ids`, control tokens left out."""
        parts = [t for t in (self._tokens[i] for i in ids) if not (t.startswith(b"<") and t.endswith(b">"))]
        return b"".join(parts).decode("utf-8", "replace").replace(_SPACE, " ").strip()
