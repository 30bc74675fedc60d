"""An LSTM learns to write: letter by letter, from a small tale, and then it goes on by itself. Milestones 1 to 4.

    nox -s python -- examples/text.py

Play with the settings below for ten minutes. Each time, say what you expect before you run it.

1. At which TEMPERATURE does it only repeat itself, and at which does it invent words? What happens to softmax there?
2. Which does it learn first: letters, words, or who does what? Add epochs to WRITE_AFTER, and watch the loss.
"""

import numpy as np

import datasets
import neural_framework as nf

# Play with these.
HIDDEN = 64
EPOCHS = 12
TEMPERATURE = 0.5  # below 1 it plays safe, above 1 it takes risks
BEGIN = "the "
LENGTH = 120  # letters to write
WRITE_AFTER = (1, 2, 12)  # epochs

SEED = 1
WINDOW = 32  # letters that it sees at once
STEP = 8  # letters from one window to the next


class Writer(nf.Module):
    """Letters (N, T) -> logits of each next letter (N, T, letters), and the state to go on with."""

    def __init__(self, letters):
        super().__init__()
        self.embedding = nf.Embedding(letters, 16)
        self.lstm = nf.LSTM(16, HIDDEN)
        self.readout = nf.Linear(HIDDEN, letters)

    def forward(self, x, state=None):
        """The state carries what was read before x."""
        outputs, state = self.lstm(self.embedding(x), state)
        return self.readout(outputs), state


def main():
    """Train, and write a few lines now and then."""
    nf.manual_seed(SEED)
    text = datasets.tale()
    letters = sorted(set(text))
    numbers = np.array([letters.index(letter) for letter in text])
    windows = np.stack([numbers[i : i + WINDOW + 1] for i in range(0, len(numbers) - WINDOW, STEP)])
    model = Writer(len(letters))
    optimizer = nf.Adam(model.parameters(), lr=0.01)
    loader = nf.DataLoader((windows[:, :-1], windows[:, 1:]), batch_size=32)  # each letter's target is the next
    for epoch in range(1, EPOCHS + 1):
        loss = np.mean([step(model, optimizer, inputs, targets) for inputs, targets in loader])
        print(f"epoch {epoch:2}   loss {loss:.3f}, and a guess among {len(letters)} letters {np.log(len(letters)):.3f}")
        if epoch in WRITE_AFTER:
            print(f"\n{written(model, letters)}\n")


def step(model, optimizer, inputs, targets):
    """One step of training; the loss before it."""
    logits, _ = model(inputs)
    loss = nf.CrossEntropyLoss()(logits.swapaxes(1, 2), targets)  # classes stand on axis 1
    optimizer.zero_grad()
    loss.backward()
    nf.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def written(model, letters):
    """BEGIN, and LENGTH letters that the model draws one by one: each is its next input."""
    random, text, state = np.random.default_rng(SEED), BEGIN, None
    x = [[letters.index(letter) for letter in BEGIN]]
    with nf.no_grad():
        for _ in range(LENGTH):
            logits, state = model(nf.Tensor(np.array(x)), state)
            chances = (logits[0, -1] / max(TEMPERATURE, 1e-3)).softmax(axis=0).numpy().astype(np.float64)
            chosen = random.choice(len(letters), p=chances / chances.sum())
            text += letters[chosen]
            x = [[chosen]]
    return text


if __name__ == "__main__":
    main()
