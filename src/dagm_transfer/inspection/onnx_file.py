"""An inspector's network as an ONNX file, which runs where there is no torch."""

from pathlib import Path
from typing import Any

import onnx
import torch

from dagm_transfer.core.files import beside
from dagm_transfer.inspection.onnx_runtime import GREY, LOGITS, WEIGHTS_OF
from dagm_transfer.judging.inspector import Inspector

TRACED_ON = 2  # inputs; of one alone torch would take the batch to be always one


def write_onnx(inspector: Inspector, path: Path) -> None:
    """Write the network with its input scaling: grey levels in, logits out, any number at once.

    The input `grey` is float32 [N, 1, size, size] of 0..255, the output `logits` [N, labels].
    It names the weights that the card names, so that it is not taken for another's. Equal weights
    give equal bytes: what the exporter says of the code it traced is left out.
    """
    size = inspector.card.size
    program = torch.onnx.export(
        inspector.network.eval(),
        (torch.zeros(TRACED_ON, 1, size, size),),
        dynamo=True,
        input_names=[GREY],
        output_names=[LOGITS],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        verbose=False,
    )
    assert program is not None
    model = program.model_proto
    _forget_origin(model)
    model.metadata_props.add(key=WEIGHTS_OF, value=inspector.card.weights)
    with beside(path) as draft:
        onnx.save_model(model, draft)


def _forget_origin(model: onnx.ModelProto) -> None:
    """Remove traces of the exporting program: they name files of the machine it ran on."""
    graph = model.graph
    everything: list[Any] = [model, graph, *graph.node, *graph.value_info, *graph.input,
                             *graph.output, *graph.initializer]  # fmt: skip
    for part in everything:
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
