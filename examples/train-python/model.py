"""A regression by a multilayer perceptron with ReLU, its gradient by hand, and SGD with momentum. All parameters in one vector."""

import math

import numpy as np

from shards import FEATURES

SIZES = (FEATURES, 192, 192, 1)
PARAMETERS = sum((inputs + 1) * outputs for inputs, outputs in zip(SIZES, SIZES[1:]))

RATE = 0.02
WARM_UP = 10
MOMENTUM = 0.9
LARGEST_NORM = 5.0


def layers(parameters: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights (inputs, outputs) and biases of each layer: views, so that what is written to them lands in the vector."""
    found = []
    at = 0
    for inputs, outputs in zip(SIZES, SIZES[1:]):
        weights = parameters[at : at + inputs * outputs].reshape(inputs, outputs)
        at += inputs * outputs
        found.append((weights, parameters[at : at + outputs]))
        at += outputs
    return found


def initial_parameters(seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    parameters = np.zeros(PARAMETERS)
    for weights, _ in layers(parameters):
        weights[:] = generator.normal(size=weights.shape) * math.sqrt(2 / len(weights))
    return parameters


def loss_and_gradient(parameters: np.ndarray, batch: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean squared error of the batch (records, features + 1)."""
    x, y = batch[:, :-1], batch[:, -1:]
    parts = layers(parameters)
    inputs = [x]
    for weights, biases in parts[:-1]:
        inputs.append(np.maximum(inputs[-1] @ weights + biases, 0))
    weights, biases = parts[-1]
    distance = inputs[-1] @ weights + biases - y
    gradient = np.zeros_like(parameters)
    error = 2 * distance / len(batch)
    for place in reversed(range(len(parts))):
        own_weights, own_biases = layers(gradient)[place]
        own_weights[:] = inputs[place].T @ error
        own_biases[:] = error.sum(axis=0)
        if place > 0:
            error = (error @ parts[place][0].T) * (inputs[place] > 0)
    return float(np.mean(distance**2)), gradient


class Momentum:
    """Polyak's momentum. The velocity is as much a part of the training's state as the parameters."""

    def __init__(self) -> None:
        self.velocity = np.zeros(PARAMETERS)

    def update(self, parameters: np.ndarray, gradient: np.ndarray, step: int) -> float:
        """Moves the parameters, in place. The rate warms up over the first steps. Returns the gradient's norm before clipping."""
        norm = float(np.linalg.norm(gradient))
        clipped = gradient * min(1.0, LARGEST_NORM / (norm + 1e-12))
        self.velocity = MOMENTUM * self.velocity + clipped
        parameters -= RATE * min(1.0, step / WARM_UP) * self.velocity
        return norm
