"""A tree of modules: their registries, the dotted names, and a parameter that two modules share."""

from __future__ import annotations

import neural_framework as nf

from .svg import Picture

REGISTRIES = ("parameters", "buffers", "modules")


def draw() -> str:
    """The picture."""
    model = nf.Module()
    model.scale = nf.Parameter([1.0])
    model.register_buffer("steps", nf.Tensor([0.0]))
    model.encoder = nf.Linear(3, 3)
    model.decoder = nf.Linear(3, 3)
    model.decoder.weight = model.encoder.weight
    walked = [name for name, _ in model.named_parameters()]
    saved = list(model.state_dict())
    picture = Picture(
        420,
        616,
        "A tree of modules with a parameter that is shared",
        "The model registers the parameter scale, the buffer steps, and the modules encoder and decoder. Each of them "
        "registers weight and bias. encoder.weight and decoder.weight are one and the same parameter. "
        f"named_parameters() gives it once: {', '.join(walked)}. state_dict() has it under both names: "
        f"{', '.join(saved)}.",
    )
    _module(picture, 16, 16, 388, "model", model)
    for x, name in ((16, "encoder"), (218, "decoder")):
        _module(picture, x, 172, 186, name, getattr(model, name))
    picture.arrow([(290, 112), (290, 140), (108, 140), (108, 170)], "forward")
    picture.arrow([(330, 112), (330, 170)], "forward")
    _shared(picture)
    _list(picture, 16, "named_parameters()", walked, ["every parameter once,", "under its first name"])
    _list(picture, 218, "state_dict()", saved, ["every name, and buffers"])
    return picture.svg()


def _module(picture: Picture, x: float, y: float, width: float, name: str, module: nf.Module) -> None:
    """A box with the three registries: next to each other in a wide one, else one below the other."""
    wide = width > 200
    columns = (12, 130, 248) if wide else (12, 12, 98)
    rows = (54, 54, 54) if wide else (46, 92, 92)
    picture.box(x, y, width, 96 if wide else 104)
    picture.text(x + 12, y + 24, name, "bold", size=15)
    picture.text(x + width - 12, y + 24, type(module).__name__, "soft", "end", 13)
    for registry, column, row in zip(REGISTRIES, columns, rows, strict=True):
        names = ", ".join(getattr(module, f"_{registry}"))
        picture.text(x + column, y + row, registry if names else f"{registry} –", "soft", size=13)
        if names:
            picture.text(x + column, y + row + 20, names, "code bold", size=13)


def _shared(picture: Picture) -> None:
    """The weight, which both registries hold."""
    picture.box(130, 324, 160, 46, "forward", 16)
    picture.text(210, 344, "one Parameter", "bold", "middle", 14)
    picture.text(210, 362, "shared: two names", "soft", "middle", 13)
    picture.arrow([(128, 278), (170, 322)], "forward")
    picture.arrow([(332, 278), (250, 322)], "forward")
    picture.text(140, 308, "weight", "code", "end", 13)
    picture.text(290, 314, "weight", "code", "start", 13)


def _list(picture: Picture, x: float, title: str, names: list[str], notes: list[str]) -> None:
    """Dotted names in order; those of the shared parameter stand in a box."""
    picture.text(x, 412, title, "code bold", size=14)
    for row, name in enumerate(names):
        y = 440 + row * 27
        if name.endswith("coder.weight"):
            picture.box(x, y - 18, 186, 25, "forward")
            picture.text(x + 178, y, "shared", "forward", "end", 13)
        picture.text(x + 8, y, name, "code", size=13)
    for row, note in enumerate(notes):
        picture.text(x, 440 + len(names) * 27 + 4 + row * 18, note, "soft", size=13)
