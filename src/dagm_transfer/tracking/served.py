"""The model of a registered version, from code: MLflow runs this file when it loads the version.

Each version holds this file and the modules that it imports (see served_files.py). Importing it
elsewhere does no more than name a model to MLflow, which the next such file replaces.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from dagm_transfer.core.errors import UserError
from dagm_transfer.inspection.encoded import levels_of_encoded
from dagm_transfer.inspection.opened import Opened, open_onnx
from dagm_transfer.inspection.paths import NETWORK
from dagm_transfer.inspection.verdict import Verdict, judge_levels

INSPECTOR = "inspector"  # the artifact: a folder with the network and its card
IMAGE = "image"  # the column of the input
GROUP, SCORE, DECISION = "group", "score", "decision"  # those of the output
NAMED = 5  # failures in a message


class ServedInspector(PythonModel):
    """An inspector behind one column of images: files as base64, of any size and depth."""

    def load_context(self, context: PythonModelContext) -> None:
        """Open the inspector that lies in the version."""
        self._opened = open_onnx(Path(context.artifacts[INSPECTOR]) / NETWORK)

    def predict(
        self,
        context: PythonModelContext,
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Judge every image, or none of them.

        Where one cannot be judged the others get no verdict either: the answer is a list without
        names, and in a shorter one an image would be taken for its neighbour.

        Args:
            context: known already.
            model_input: `image`, base64 text of whole image files.
            params: none are known.

        Returns:
            A row an image: `group`, `score` (log-odds of defective), `decision` (`defective` or
            `normal`).

        Raises:
            MlflowException: images cannot be judged; it names their rows, counted from 1. MLflow's
                server answers with status 400.
        """
        del context, params  # MLflow hands them to every model
        verdicts: list[Verdict] = []
        failures: list[str] = []
        for row, text in enumerate(model_input[IMAGE], start=1):
            try:
                verdicts.append(_verdict(self._opened, text, f"row {row}"))
            except UserError as error:
                failures.append(str(error))
        if failures:
            raise MlflowException.invalid_parameter_value(_refusal(failures, len(model_input)))
        return pd.DataFrame(
            {
                GROUP: pd.Series([each.group for each in verdicts], dtype=object),
                SCORE: pd.Series([each.score for each in verdicts], dtype=float),
                DECISION: pd.Series(
                    ["defective" if each.defective else "normal" for each in verdicts], dtype=object
                ),
            }
        )


def _verdict(opened: Opened, text: object, name: str) -> Verdict:
    levels = levels_of_encoded(text if isinstance(text, str) else "", name)
    try:
        return judge_levels(opened, levels)
    except UserError as error:
        raise UserError(f"{name}: {error}") from error


def _refusal(failures: list[str], images: int) -> str:
    said = " | ".join(failures[:NAMED])
    more = f" | and {len(failures) - NAMED} more" if len(failures) > NAMED else ""
    return f"{len(failures)} of {images} images cannot be judged, so none is: {said}{more}"


set_model(ServedInspector())
