from .fixtures import *  # noqa: temporary alias
