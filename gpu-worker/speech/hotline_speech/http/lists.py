"""The lists of models and voices."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from hotline_speech.http.access import worker_of

router = APIRouter()


@router.get("/v1/models")
async def models(request: Request) -> dict[str, Any]:
    """OpenAI's list of models: recognition first, then synthesis."""
    registry = worker_of(request).ready_registry()
    names = [registry.default_asr, *(n for n in registry.asr if n != registry.default_asr), *registry.tts]
    return {
        "object": "list",
        "data": [{"id": n, "object": "model", "created": 0, "owned_by": "hotline"} for n in names],
    }


@router.get("/v1/audio/voices")
async def voices(request: Request) -> dict[str, Any]:
    """Every voice that `/v1/audio/speech` accepts."""
    registry = worker_of(request).ready_registry()
    return {
        "object": "list",
        "data": [
            {
                "id": voice.id,
                "name": voice.name,
                "language": voice.language,
                "engine": voice.engine,
                "sample_rate": voice.rate_hz,
                "default": voice.id == registry.default_voice,
            }
            for voice, _engine in registry.voices.values()
        ],
    }
