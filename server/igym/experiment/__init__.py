"""What a researcher declares: scenes, options, order. Frozen specifications without any running state."""

from igym.experiment.errors import ExperimentError as ExperimentError
from igym.experiment.experiment import Experiment as Experiment
