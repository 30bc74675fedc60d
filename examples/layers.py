"""A signal goes through a deep network, and its gradient comes back: milestones 1 to 3.

    nox -s python -- examples/layers.py

Play with the settings below for ten minutes. Each time, say what you expect before you run it.

1. With GAIN = 0.5, the signal fades. By about which factor in each layer, and why?
2. Take "relu" instead of "tanh". Which GAIN keeps the signal as it is? (Compare Kaiming's bound with Xavier's.)
"""

import numpy as np

import neural_framework as nf

# Play with these.
LAYERS = 10
UNITS = 100
GAIN = 1.0  # times Xavier's bound
ACTIVATION = "tanh"  # or "relu", "sigmoid", "none"
SAMPLES = 100

LAYER = {"tanh": nf.Tanh, "relu": nf.ReLU, "sigmoid": nf.Sigmoid, "none": nf.Sequential}
WIDEST, LARGEST = 30, 3  # of a bar: in characters, and the power of ten that it stands for


def main():
    """Print the size of the signal before and after each layer, and of its gradient at the same place."""
    nf.manual_seed(0)
    signals = [nf.randn((SAMPLES, UNITS), requires_grad=True)]
    for _ in range(LAYERS):
        linear = nf.Linear(UNITS, UNITS)
        nf.init.xavier_uniform_(linear.weight, GAIN)
        signals.append(LAYER[ACTIVATION]()(linear(signals[-1])))
        signals[-1].retain_grad()
    signals[-1].backward(nf.randn((SAMPLES, UNITS)).data)
    print(f"layer   signal    {'':{WIDEST}} gradient")
    for number, signal in enumerate(signals):
        forward, backward = signal.data.std(), signal.grad.data.std()
        print(f"{number:5}   {forward:8.2g}  {bar(forward):{WIDEST}} {backward:8.2g}  {bar(backward)}")


def bar(size):
    """A bar for the power of ten: half as long as it may be for 1, and longer for more."""
    power = np.log10(max(size, 10.0**-LARGEST)) / LARGEST  # -1 to 1
    return "#" * round(min(1 + power, 2) / 2 * WIDEST)


if __name__ == "__main__":
    main()
