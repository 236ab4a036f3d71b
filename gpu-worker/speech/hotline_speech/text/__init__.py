"""From what a language model writes to words that can be spoken."""
