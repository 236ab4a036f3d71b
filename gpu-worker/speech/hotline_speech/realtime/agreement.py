"""Which words of growing partial transcripts are certain enough to send as deltas, which cannot be taken back.

A word goes out once two consecutive partials that differ agree on it and it was not the last word of the earlier one,
which may still have been cut in the middle.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher


def _key(word: str) -> str:
    return re.sub(r"[^\w']", "", word).lower()


class Agreement:
    """Sent words of one item. Feed it every partial in order, then the final text."""

    def __init__(self) -> None:
        self._sent: list[str] = []
        self._previous: list[str] | None = None

    def offer(self, text: str) -> str:
        """A new partial; the delta to send now ('' for none)."""
        words = text.split()
        previous = self._previous
        if words == previous:
            return ""
        self._previous = words
        if previous is None:
            return ""
        agreed = 0
        for ours, theirs in zip(previous[:-1], words, strict=False):
            if ours != theirs:
                break
            agreed += 1
        if agreed <= len(self._sent) or [_key(w) for w in words[: len(self._sent)]] != [_key(w) for w in self._sent]:
            return ""
        return self._send(words[len(self._sent) : agreed])

    def finish(self, text: str) -> tuple[str, str]:
        """The last delta and the transcript. All deltas in order, joined, are exactly the transcript.

        Words already sent stay as they were sent (a later change of case or punctuation is not worth a different
        transcript); where the final text differs in a word, it goes on behind the best match.
        """
        words = text.split()
        rest = words[self._matched(words) :]
        delta = self._send(rest)
        return delta, " ".join(self._sent)

    def _matched(self, words: list[str]) -> int:
        """How many of the final words are covered by what was sent."""
        sent = [_key(w) for w in self._sent]
        final = [_key(w) for w in words]
        if final[: len(sent)] == sent:
            return len(sent)
        blocks = [b for b in SequenceMatcher(a=sent, b=final, autojunk=False).get_matching_blocks() if b.size]
        if not blocks:
            return min(len(sent), len(final))
        last = blocks[-1]
        return min(len(final), last.b + last.size + (len(sent) - last.a - last.size))

    def _send(self, words: list[str]) -> str:
        if not words:
            return ""
        delta = (" " if self._sent else "") + " ".join(words)
        self._sent += words
        return delta
