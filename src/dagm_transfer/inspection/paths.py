"""What lies in the folder of an exported inspector, and how the files of a prediction end."""

NETWORK = "model.onnx"  # beside its card and its weights
HEAT_MAP = ".heat.png"  # what the name of a heat map ends in, after the whole name of its image
UNFINISHED = ".part"  # in the name of a table of predictions that was broken off, before its suffix
