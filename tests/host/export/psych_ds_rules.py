"""An independent reading of the published Psych-DS schema (rules of level "error"): shares no code with the product."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

FILE_NAME = re.compile(r"([a-z]+-[a-zA-Z0-9]+)(_[a-z]+-[a-zA-Z0-9]+)*_data\.csv")


def errors(dataset: Path) -> list[str]:
    """Codes of the schema's errors, each with the file it is about."""
    root = metadata(dataset / "dataset_description.json")
    if root is None:
        return ["MISSING_DATASET_DESCRIPTION"]
    if not (dataset / "data").is_dir():
        return ["MISSING_DATA_DIRECTORY"]
    files = sorted((dataset / "data").rglob("*.csv"))
    found = [] if files else ["MISSING_DATAFILE"]
    for name in ("name", "description", "variableMeasured"):
        found += [f"JSON_KEY_REQUIRED {name}"] if not root.get(name) else []
    found += ["INCORRECT_DATASET_TYPE"] if root.get("@type") != "Dataset" else []
    found += (
        ["INVALID_JSONLD_FORMATTING"] if not re.match(r"https?://schema\.org/?$", str(root.get("@context"))) else []
    )
    return found + [problem for path in files for problem in file_errors(dataset, path, root)]


def file_errors(dataset: Path, path: Path, root: dict[str, Any]) -> list[str]:
    found = [] if FILE_NAME.fullmatch(path.name) else [f"FILENAME_KEYWORD_FORMATTING_ERROR {path.name}"]
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, header=None, encoding="utf-8")
    except ValueError as error:
        return [*found, f"CSV_FORMATTING_ERROR {path.name}: {error}"]
    header = table.iloc[0].tolist()
    if not all(header) or len(set(header)) != len(header):
        found.append(f"CSV_HEADER_MISSING {path.name}")
    measured = {variable["name"] for variable in inherited(dataset, path, root)["variableMeasured"]}
    found += [f"CSV_COLUMN_MISSING_FROM_METADATA {path.name} {name}" for name in header if name not in measured]
    if "row_id" in header and table[header.index("row_id")].duplicated().any():
        found.append(f"ROWID_VALUES_NOT_UNIQUE {path.name}")
    return found


def inherited(dataset: Path, path: Path, root: dict[str, Any]) -> dict[str, Any]:
    """Lower metadata replaces higher, key by key: the root, each folder's file_metadata.json, the sidecar."""
    compiled = dict(root)
    folders = [folder for folder in reversed(path.parents) if folder == dataset or dataset in folder.parents]
    for folder in folders:
        compiled |= metadata(folder / "file_metadata.json") or {}
    return compiled | (metadata(path.with_suffix(".json")) or {})


def metadata(path: Path) -> dict[str, Any] | None:
    return dict(json.loads(path.read_bytes().decode("utf-8"))) if path.is_file() else None
