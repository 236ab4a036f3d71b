"""Opening onnxruntime sessions the way this worker wants them."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from hotline_speech.pool import Cancellation

onnxruntime.set_default_logger_severity(3)


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """A session with one intra-op thread: parallelism comes from the pool, which knows who waits."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    wanted = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    available = set(onnxruntime.get_available_providers())
    return onnxruntime.InferenceSession(str(path), options, providers=[p for p in wanted if p in available])


def interruptible(cancellation: Cancellation) -> onnxruntime.RunOptions:
    """Options of a run that ends, with onnxruntime's own exception, as soon as `cancellation` is set."""
    options = onnxruntime.RunOptions()
    # An interrupted run is no error worth a line on stderr; real ones are raised as well.
    options.log_severity_level = 4

    def terminate() -> None:
        options.terminate = True

    cancellation.on_cancel(terminate)
    return options
