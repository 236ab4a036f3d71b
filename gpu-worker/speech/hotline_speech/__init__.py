"""Hotline's speech worker: recognition (ASR) and synthesis (TTS) behind OpenAI's audio and Realtime protocols."""
