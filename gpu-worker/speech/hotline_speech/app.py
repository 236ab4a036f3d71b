"""The FastAPI application."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from hotline_speech.errors import ApiError, internal, invalid, overloaded
from hotline_speech.http import health, lists, speech, transcriptions
from hotline_speech.http.access import require_key
from hotline_speech.http.disconnect import ClientGoneError
from hotline_speech.metrics import Metrics
from hotline_speech.pool import Cancellation, InferencePool, Priority, QueueFullError
from hotline_speech.realtime import socket
from hotline_speech.registry import Registry, load, warm_recognition, warm_synthesis
from hotline_speech.settings import Settings
from hotline_speech.worker import Worker

log = logging.getLogger("hotline.speech")


def create_app(settings: Settings) -> FastAPI:
    """The application; it starts to load the models when it starts to serve."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        metrics = Metrics()
        worker = Worker(
            settings, InferencePool(settings.threads, settings.max_queued, metrics.pool_observer()), metrics
        )
        app.state.worker = worker
        loading = asyncio.create_task(_load(worker))
        yield
        loading.cancel()
        worker.pool.close()

    app = FastAPI(title="Hotline speech worker", version="0.1.0", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.include_router(health.router)
    for router in (lists.router, speech.router, transcriptions.router):
        app.include_router(router, dependencies=[Depends(require_key)])
    app.include_router(socket.router)
    _answer_errors(app)
    return app


async def _load(worker: Worker) -> None:
    try:
        worker.registry = await asyncio.to_thread(load, worker.settings.models, worker.settings.asr)
    except Exception as error:
        worker.failure = f"The models could not be loaded: {error}"
        log.exception("loading failed")
        return
    await _load_others(worker, worker.registry)


async def _load_others(worker: Worker, registry: Registry) -> None:
    """Models that are not the default are loaded in the background: the first caller who wants one should not wait."""
    for tts in registry.tts.values():
        await _warm(worker, tts.name, lambda cancellation, tts=tts: warm_synthesis(tts, cancellation))
    for asr in registry.asr.values():
        await _warm(worker, asr.name, lambda cancellation, asr=asr: warm_recognition(asr, cancellation))


async def _warm(worker: Worker, name: str, work: Callable[[Cancellation], None]) -> None:
    try:
        await worker.pool.run(work, priority=Priority.PARTIAL, kind="warm_up")
    except QueueFullError:
        log.info("%s will be loaded at its first use", name)
    except Exception:
        log.exception("%s could not be loaded", name)


def _answer(error: ApiError) -> JSONResponse:
    return JSONResponse(error.body(), error.status, headers=error.headers)


def _answer_errors(app: FastAPI) -> None:
    """Every failure in OpenAI's error body."""

    @app.exception_handler(ApiError)
    async def api_error(_request: Request, error: ApiError) -> Response:
        return _answer(error)

    @app.exception_handler(QueueFullError)
    async def queue_full(_request: Request, _error: QueueFullError) -> Response:
        return _answer(overloaded())

    @app.exception_handler(ClientGoneError)
    async def client_gone(_request: Request, _error: ClientGoneError) -> Response:
        return Response(status_code=499)

    @app.exception_handler(RequestValidationError)
    async def bad_request(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = [str(p) for p in first["loc"] if p != "body"]
        code = "missing_required_parameter" if first["type"] == "missing" else "invalid_value"
        return _answer(invalid(".".join(place) or "body", str(first["msg"]), code))

    @app.exception_handler(HTTPException)
    async def http_error(_request: Request, error: HTTPException) -> Response:
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "invalid_request")
        return _answer(ApiError(error.status_code, code, str(error.detail), headers=dict(error.headers or {})))

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, error: Exception) -> Response:
        log.error("request failed", exc_info=error)
        return _answer(internal())
