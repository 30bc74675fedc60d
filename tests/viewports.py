"""The windows in which pages are looked at: of a phone and of a desktop."""

SIZES = {"narrow": (375, 667), "wide": (1280, 800)}  # CSS pixels
