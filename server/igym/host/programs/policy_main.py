"""`igym policy convert FILE`: a trained policy of another library as a network for `Onnx(…)`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.conversion.clean_rl import layers_of
from igym.host.conversion.originals import Original, converted, written
from igym.host.conversion.stable_baselines import Model, is_model
from igym.host.conversion.state_dicts import ACTIVATIONS
from igym.host.conversion.torch_script import Script, is_script
from igym.protocol.told import Told


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    target = options.to or options.file.with_suffix(".onnx")
    try:
        if not options.file.is_file():
            raise HostError("not_found", Told("There is no file {file}.", file=options.file))
        original = _original(options)
        count = converted(original, target)
    except HostError as error:
        print(error.text, file=sys.stderr)
        return 1
    print(f"{target}: it decided as {options.file.name} does on {count} of {count} observations.")
    print(f"It sees {original.observation_space} and acts in {original.action_space}.")
    print(f"In your study: {written(original.options, target.name)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="igym policy",
        description="Turns a trained policy into a network for Onnx(…): models of stable-baselines3 (.zip), "
        "TorchScript, and checkpoints of weights as CleanRL saves them, or numpy.savez under the same names. The "
        "network is compared with the original on 100 observations.",
    )
    parser.add_argument("command", choices=["convert"])
    parser.add_argument("file", type=Path, help="what the training script saved")
    parser.add_argument("--to", type=Path, help="the .onnx file to write (default: beside it)")
    parser.add_argument("--algorithm", help="of a stable-baselines3 model, as PPO, where the file does not tell")
    parser.add_argument("--activation", choices=[*ACTIVATIONS], help="between the layers of a checkpoint of weights")
    parser.add_argument("--observation", default="", help="shape of what a TorchScript network takes: 12 or 84,84,3")
    parser.add_argument(
        "--output", choices=["logits", "action", "gaussian"], default="logits", help="what a TorchScript network gives"
    )
    return parser


def _original(options: argparse.Namespace) -> Original:
    if is_model(options.file):
        return Model(options.file, options.algorithm)
    if is_script(options.file):
        return Script(options.file, tuple(int(size) for size in options.observation.split(",") if size), options.output)
    return layers_of(options.file, options.activation)
