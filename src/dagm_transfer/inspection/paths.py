"""What lies in the folder of an exported inspector, beside its card and its weights."""

NETWORK = "model.onnx"
