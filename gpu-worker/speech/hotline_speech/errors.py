"""The catalogue of errors and OpenAI's error body.

Every refusal is an `ApiError`; HTTP answers it as `{"error": {message, type, param, code}}` and the WebSocket as an
`error` event with the same fields.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal with an HTTP status, a stable code and a sentence for the person who reads it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = headers or {}

    @property
    def kind(self) -> str:
        """OpenAI's error type for the status."""
        if self.status == 429:
            return "rate_limit_error"
        if self.status == 401:
            return "authentication_error"
        return "invalid_request_error" if self.status < 500 else "server_error"

    def body(self) -> dict[str, Any]:
        """The JSON body: OpenAI's error object."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


def invalid(param: str, message: str, code: str = "invalid_value") -> ApiError:
    """400: a parameter is missing, of the wrong type or out of range."""
    return ApiError(400, code, message, param=param)


def unknown_model(name: str, known: list[str]) -> ApiError:
    """404: no such model here."""
    return ApiError(404, "model_not_found", f"The model {name!r} does not exist here. Known: {known}.", param="model")


def overloaded(message: str = "The speech worker is at its limit. Try again shortly.") -> ApiError:
    """429: a queue or a session limit is reached."""
    return ApiError(429, "overloaded", message, headers={"Retry-After": "1"})


def internal() -> ApiError:
    """500: something of ours broke; the log has the details, the caller does not."""
    return ApiError(500, "internal_error", "The speech worker failed to process the request.")
