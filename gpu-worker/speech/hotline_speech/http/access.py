"""What every endpoint asks first: who is calling, and which worker this is."""

from __future__ import annotations

import hmac

from fastapi import Request
from starlette.requests import HTTPConnection

from hotline_speech.errors import ApiError
from hotline_speech.worker import Worker


def worker_of(connection: HTTPConnection) -> Worker:
    """The application's worker."""
    return connection.app.state.worker


def check_key(connection: HTTPConnection) -> None:
    """Raises ApiError 401 when a key is configured and the request's bearer token is another."""
    api_key = worker_of(connection).settings.api_key
    if api_key is None:
        return
    sent = connection.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(sent.encode(), api_key.encode()):
        raise ApiError(401, "invalid_api_key", "Send the worker's key as a bearer token.")


async def require_key(request: Request) -> None:
    """`check_key` as a dependency of the HTTP routes."""
    check_key(request)
