"""Trained policies of other libraries as networks for `Onnx(…)`."""
