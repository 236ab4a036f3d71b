"""Health and metrics."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from hotline_speech.http.access import worker_of

router = APIRouter()


@router.get("/healthz")
async def healthz(request: Request) -> JSONResponse:
    """200 once every model is loaded and has done a real inference, 503 before."""
    worker = worker_of(request)
    if worker.registry is None:
        status = "failed" if worker.failure else "loading"
        return JSONResponse({"status": status, "detail": worker.failure}, 503, headers={"Retry-After": "1"})
    return JSONResponse({"status": "ok"})


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    return Response(worker_of(request).metrics.render(), media_type="text/plain; version=0.0.4")
