"""Sample formats, levels, rate conversion and WAV."""
