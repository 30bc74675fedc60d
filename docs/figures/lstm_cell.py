"""One step of an LSTM in five frames: a gate a frame, then the gradient's way home; a plain RNN for contrast."""

from __future__ import annotations

import neural_framework as nf

from .svg import Picture, signed

PRE_ACTIVATIONS = {"i": 0.5, "f": 1.0, "g": -1.0, "o": 2.0}  # in the order of the cell's rows
MEMORY = 2.0
GATES = {"f": 110, "i": 182, "g": 256, "o": 340}  # the middle of each gate's box
FRAME = 166  # from one frame to the next
TOP = 84
UPPER, MIDDLE, LOWER = 42, 80, 122  # heights in a frame: the memory's line, the products, the gates
LINE = (62, 352)  # where the line of the memory begins and ends
TIMES, PLUS, READ = (110, UPPER), (219, UPPER), (340, MIDDLE)  # the memory's two operations, and the reading
WRITE = (219, MIDDLE)


def draw() -> str:
    """The picture."""
    of = _step()
    picture = Picture(
        420,
        TOP + 5 * FRAME + 148,
        "One step of an LSTM in five frames, and the gradient's way home",
        "The memory c = 2 runs along a straight line. "
        f"1: the forget gate, {of['f']}, leaves {of['f * c']} of it. "
        f"2: the input gate opens to {of['i']}. "
        f"3: the candidate, {of['g']}, times that gate is {of['i * g']}, and the new memory is {of['c2']}. "
        f"4: the output gate, {of['o']}, times tanh of the memory is the output {of['h2']}. "
        f"5: on the way home along the line, the gradient meets one factor, the forget gate: {of['dc']}. "
        f"In a plain RNN it meets a weight and the slope of tanh: {of['dh']}.",
    )
    picture.text(16, 28, "c = 2, and from x and h four pre-activations:", size=14)
    words = ",  ".join(f"{name} = {signed(value)}" for name, value in PRE_ACTIVATIONS.items())
    picture.text(16, 50, words, "bold", size=14)
    frames = [
        (f"1. Forget: σ(f) · c = {of['f']} · 2 = {of['f * c']}", "f"),
        (f"2. How much to write: σ(i) = {of['i']}", "i"),
        (f"3. Write: c' = {of['f * c']} + {of['i']} · ({of['g']}) = {of['c2']}", "g"),
        (f"4. Read: h' = {of['o']} · tanh({of['c2']}) = {of['h2']}", "o"),
        (f"5. Home: dL/dc = σ(f) · dL/dc' = {of['dc']} · dL/dc'", ""),
    ]
    for number, (title, lit) in enumerate(frames):
        y = TOP + number * FRAME
        picture.line([(16, y - 18), (404, y - 18)], "rule")
        picture.text(16, y + 6, title, "bold" if lit else "backward bold", size=14)
        _cell(picture, y, lit, of)
    _rnn(picture, TOP + 5 * FRAME, of)
    return picture.svg()


def _step() -> dict[str, str]:
    """Every number of the step, as it is shown."""
    cell = nf.LSTMCell(1, 1)
    for parameter in cell.parameters():
        parameter.data[...] = 0.0
    cell.bias_ih.data[...] = list(PRE_ACTIVATIONS.values())
    c = nf.Tensor([[MEMORY]], requires_grad=True)
    h2, c2 = cell(nf.Tensor([[0.0]]), (nf.Tensor([[0.0]]), c))
    c2.backward()
    gates = {name: nf.Tensor(value) for name, value in PRE_ACTIVATIONS.items()}
    gates = {name: (gate.tanh() if name == "g" else gate.sigmoid()).item() for name, gate in gates.items()}
    rnn = nf.RNNCell(1, 1)
    for parameter, value in zip(rnn.parameters(), (0.5, 0.8, 0.0, 0.0), strict=True):
        parameter.data[...] = value
    h = nf.Tensor([[0.5]], requires_grad=True)
    after = rnn(nf.Tensor([[1.0]]), h)
    after.backward()
    numbers = gates | {
        "f * c": gates["f"] * MEMORY,
        "i * g": gates["i"] * gates["g"],
        "c2": c2.item(),
        "h2": h2.item(),
        "dc": c.grad.item(),
        "slope": 1 - after.item() ** 2,
        "dh": h.grad.item(),
    }
    return {name: f"{value:.3f}".replace("-", "−") for name, value in numbers.items()}


def _cell(picture: Picture, y: float, lit: str, of: dict[str, str]) -> None:
    """The cell; what the frame is about is lit, and the number that it gives stands next to it."""
    (start, end), line = LINE, y + UPPER
    pieces = {"f": (start, TIMES[0] - 12), "g": (TIMES[0] + 12, PLUS[0] - 12), "o": (PLUS[0] + 12, end)}
    for name, (left, right) in pieces.items():
        picture.arrow([(left, line), (right, line)], "forward" if lit == name else "")
    _edge(picture, y, [(110, LOWER - 15), (110, UPPER + 13)], lit == "f")
    _edge(picture, y, [(182, LOWER - 15), (182, MIDDLE), (206, MIDDLE)], lit == "i")
    _edge(picture, y, [(256, LOWER - 15), (256, MIDDLE), (232, MIDDLE)], lit == "g")
    _edge(picture, y, [(219, MIDDLE - 12), (219, UPPER + 13)], lit == "g")
    _edge(picture, y, [(282, UPPER), (282, MIDDLE), (327, MIDDLE)], lit == "o")
    _edge(picture, y, [(340, LOWER - 15), (340, MIDDLE + 13)], lit == "o")
    _edge(picture, y, [(353, MIDDLE), (376, MIDDLE)], lit == "o")
    for (x, height), sign, gate in ((TIMES, "×", "f"), (PLUS, "+", "g"), (WRITE, "×", "g"), (READ, "×", "o")):
        picture.box(x - 12, y + height - 12, 24, 24, "forward" if lit == gate else "", 12)
        picture.text(x, y + height + 5, sign, "bold", "middle", 15)
    for name, x in GATES.items():
        picture.box(x - 34, y + LOWER - 14, 68, 28, "forward" if lit == name else "", 4)
        words = f"{'tanh' if name == 'g' else 'σ'}({name})"
        picture.text(x, y + LOWER + 5, words, "bold" if lit == name else "soft", "middle", 14)
    picture.text(16, line + 5, "c = 2", "bold", size=14)
    picture.text(end + 4, line + 5, "c'" if lit in ("f", "i") else of["c2"], "bold", size=14)
    picture.text(380, y + MIDDLE + 5, "h'", "bold", size=14)
    if not lit:
        picture.arrow([(end, line - 19), (start, line - 19)], "backward thick")
        picture.text(16, y + LOWER - 38, "one factor,", "backward", size=13)
        picture.text(16, y + LOWER - 21, "no tanh", "backward", size=13)
    elif lit != "i":
        places = {"f": (188, UPPER - 8, "f * c"), "g": (212, MIDDLE - 17, "i * g"), "o": (404, MIDDLE + 24, "h2")}
        x, height, number = places[lit]
        picture.text(x, y + height, of[number], "forward bold", "end", 14)


def _edge(picture: Picture, y: float, points: list[tuple[float, float]], lit: bool) -> None:
    picture.arrow([(x, y + height) for x, height in points], "forward" if lit else "")


def _rnn(picture: Picture, y: float, of: dict[str, str]) -> None:
    """A plain RNN: its state goes through a weight and tanh at every step."""
    picture.line([(16, y - 18), (404, y - 18)], "rule")
    picture.text(16, y + 6, "In a plain RNN, h' = tanh(0.8 h + 0.5 x)", "bold", size=14)
    line = y + 62
    picture.text(16, line + 5, "h = 0.5", "bold", size=14)
    for left, right in ((76, 116), (172, 212), (238, 272), (330, 372)):
        picture.arrow([(left, line), (right, line)])
    for x, width, words, round in ((144, 52, "× 0.8", 4), (225, 24, "+", 12), (301, 56, "tanh", 4)):
        picture.box(x - width / 2, line - 14, width, 28, round=round)
        picture.text(x, line + 5, words, "bold", "middle", 14)
    picture.text(376, line + 5, "h'", "bold", size=14)
    picture.arrow([(225, line + 40), (225, line + 15)])
    picture.text(232, line + 40, "0.5 x = 0.5", "soft", size=13)
    picture.arrow([(372, line - 22), (76, line - 22)], "backward thick")
    home = f"dL/dh = 0.8 · {of['slope']} · dL/dh' = {of['dh']} · dL/dh'"
    picture.text(224, line - 30, home, "backward bold", "middle", 14)
    picture.text(16, line + 68, "two factors at every step: the slope of tanh, and the weight", "backward", size=13)
