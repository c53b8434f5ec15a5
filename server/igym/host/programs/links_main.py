"""`igym links FOLDER --n 100`: personal links of a study whose ids come from the link, as CSV."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from igym.core.joining import LABEL_LENGTH
from igym.experiment.errors import ExperimentError
from igym.host.base.command_line import fail
from igym.host.base.errors import HostError
from igym.host.session.settings import DEFAULT_PORT, default_data_root
from igym.host.studies.authoring import loaded_experiment
from igym.host.web.links import as_csv, links, make_key
from igym.protocol.told import Told

MOST = 100_000


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="igym links",
        description='Writes signed personal links for a study with participant_ids="link": nobody can guess another '
        "one or change the id in their own, and whoever opens theirs in another browser goes on where they were.",
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--n", type=int, default=0, metavar="COUNT", help="so many ids: P001, P002, …")
    parser.add_argument("--prefix", default="P", help="what the ids begin with (default: P)")
    parser.add_argument("--ids", type=Path, metavar="FILE", help="ids of your own, one a line, instead")
    parser.add_argument(
        "--address", default=f"http://localhost:{DEFAULT_PORT}", help="the join link of the session, without its end"
    )
    parser.add_argument("--once", action="store_true", help="each link admits one browser, and none after it")
    parser.add_argument("--data", type=Path, help="root of the data folder (default: data/ beside the experiment)")
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(_written(options))
    except ExperimentError as error:
        return fail(False, HostError("not_loaded", str(error)))
    except (HostError, OSError) as error:
        return fail(False, error if isinstance(error, HostError) else HostError("links", str(error)))
    return 0


def _written(options: argparse.Namespace) -> str:
    folder = options.folder.resolve()
    experiment = loaded_experiment(folder, None)
    ids = experiment.participant_ids
    if ids.mode != "link":
        text = Told(
            '{experiment} takes no ids from links. Write participant_ids="link" in its Experiment(…).',
            experiment=experiment.id,
        )
        raise HostError("no_links", text)
    root = (options.data or default_data_root(folder)).resolve()
    found = links(
        make_key(root / experiment.id), _ids(options), options.address, ids.link_parameters[0], once=options.once
    )
    return as_csv(found)


def _ids(options: argparse.Namespace) -> list[str]:
    if options.ids is not None:
        lines = [line.strip() for line in options.ids.read_text("utf-8-sig").splitlines()]
        found = list(dict.fromkeys(line for line in lines if line))
    else:
        width = max(3, len(str(options.n)))
        found = [f"{options.prefix}{number:0{width}d}" for number in range(1, min(options.n, MOST) + 1)]
    if not found:
        raise HostError("no_ids", Told("Say how many links: --n 100, or --ids FILE with one id a line."))
    for who in found:
        if len(who) > LABEL_LENGTH or not who.isprintable():
            raise HostError(
                "bad_id",
                Told("“{id}” cannot be an id: at most {most} ordinary characters.", id=who[:80], most=LABEL_LENGTH),
            )
    return found
