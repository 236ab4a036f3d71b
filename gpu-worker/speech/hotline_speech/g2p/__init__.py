"""Words to phonemes: lexicon, part of speech, and a guess for unknown words."""
