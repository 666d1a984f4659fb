"""The kinds of data there are; another is a folder beside these, and its name in both lists."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from dagm_transfer.data.kinds.dagm.kind import Dagm
from dagm_transfer.data.kinds.elpv.kind import Elpv
from dagm_transfer.data.kinds.folder.kind import Folder
from dagm_transfer.data.kinds.kind import Importable
from dagm_transfer.data.kinds.synthetic.kind import Synthetic

Images = Annotated[Synthetic | Dagm | Folder | Elpv, Field(discriminator="kind")]
# Whose images `dagm import` brings; the last that recognises them has them: numbered images in
# folders class1, class2 are DAGM's, unless a table or folders of classes say what they are.
IMPORTABLE: Mapping[str, type[Importable]] = {"dagm": Dagm, "folder": Folder}
