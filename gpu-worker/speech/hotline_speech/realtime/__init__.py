"""The Realtime transcription WebSocket."""
