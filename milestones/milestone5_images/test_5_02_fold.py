"""5.2 Fold, and both gradients: columns back to an image, and the way back through both."""

import numpy as np

import neural_framework as nf

# Pairs (height, width): kernel, stride, padding.
SETTINGS = [
    ((2, 3), (1, 1), (0, 0)),
    ((2, 3), (2, 1), (0, 0)),
    ((2, 3), (2, 3), (0, 0)),
    ((3, 2), (1, 3), (1, 2)),
    ((2, 2), (3, 2), (2, 0)),
    ((1, 1), (1, 1), (0, 0)),
]


def columns_of(x, kernel, stride, padding):
    """The windows of x (N, C, H, W), cut out one by one, as columns."""
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    rows, columns = range(0, x.shape[2] - kh + 1, sh), range(0, x.shape[3] - kw + 1, sw)
    windows = [x[:, :, i : i + kh, j : j + kw].reshape(len(x), -1) for i in rows for j in columns]
    return np.stack(windows, axis=-1)


def image_of(columns, size, kernel, stride, padding):
    """The columns, added one by one to the places of their windows."""
    (h, w), (kh, kw), (sh, sw), (ph, pw) = size, kernel, stride, padding
    x = np.zeros((len(columns), columns.shape[1] // (kh * kw), h + 2 * ph, w + 2 * pw))
    places = [(i, j) for i in range(0, h + 2 * ph - kh + 1, sh) for j in range(0, w + 2 * pw - kw + 1, sw)]
    for window, (i, j) in enumerate(places):
        x[:, :, i : i + kh, j : j + kw] += columns[:, :, window].reshape(*x.shape[:2], kh, kw)
    return x[:, :, ph : ph + h, pw : pw + w]


def there_and_back(shape):
    """Unfold images of ones, fold the columns, and go backward through both."""
    x = nf.ones(shape, requires_grad=True)
    nf.fold(nf.unfold(x, 2), shape[2:], 2).backward(np.ones(shape, dtype=np.float32))


def test_where_windows_overlap_the_numbers_add_up(see):
    """Two windows of width 2 share the middle pixel of three, which gets the sum of both numbers: 2 + 30."""
    columns = np.array([[[1.0, 30.0], [2.0, 40.0]]])
    see.close(nf.fold(nf.Tensor(columns), (1, 3), (1, 2)), [[[[1.0, 32.0, 40.0]]]])


def test_each_number_goes_back_to_its_pixel(see, rng):
    """Where windows do not overlap, fold undoes unfold."""
    x = rng.normal(size=(2, 3, 4, 6))
    see.close(nf.fold(nf.Tensor(columns_of(x, (2, 3), (2, 3), (0, 0))), (4, 6), (2, 3), (2, 3)), x)


def test_fold_counts_the_windows_of_a_pixel(see):
    """Columns of ones: the corner of a 3 x 3 image is in one 2 x 2 window, the middle in four."""
    see.close(nf.fold(nf.ones((1, 4, 4)), 3, 2), [[[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]])


def test_what_belongs_to_the_padding_is_dropped(see):
    """With padding 1, only one of the 4 numbers of each window here belongs to the 2 x 2 image."""
    columns = np.arange(1.0, 17.0).reshape(1, 4, 4)
    see.close(nf.fold(nf.Tensor(columns), 2, 2, stride=2, padding=1), [[[[13.0, 10.0], [7.0, 4.0]]]])


def test_pixels_in_no_window_are_zero(see):
    """With stride 2, a kernel of width 1 leaves out every second pixel: it gets 0."""
    see.close(nf.fold(nf.Tensor([[[5.0, 6.0]]]), (1, 4), 1, stride=2), [[[[5.0, 0.0, 6.0, 0.0]]]])


def test_any_settings(see, rng):
    """For every kernel, stride and padding, the result is the sum of the columns, each in the place of its window."""
    for settings in SETTINGS:
        columns = rng.normal(size=columns_of(np.zeros((2, 3, 5, 7)), *settings).shape)
        see.close(nf.fold(nf.Tensor(columns), (5, 7), *settings), image_of(columns, (5, 7), *settings))


def test_unfold_and_fold_are_adjoint(see, rng):
    """<unfold(x), y> = <x, fold(y)> for every x and y: this is why each is the other's gradient."""
    for settings in SETTINGS:
        x = rng.normal(size=(2, 3, 5, 7))
        columns = columns_of(x, *settings)
        y = rng.normal(size=columns.shape)
        see.close(float((x * nf.fold(nf.Tensor(y), (5, 7), *settings).data).sum()), float((columns * y).sum()))


def test_the_gradient_of_unfold(see, rng):
    """A pixel gets the sum of the gradients of all places in the columns where it is."""
    for settings in SETTINGS:
        see.gradients(
            lambda x, s=settings: nf.unfold(x, *s),
            [rng.normal(size=(2, 2, 3, 4))],
            like=lambda x, s=settings: columns_of(x, *s),
        )


def test_the_gradient_of_fold(see, rng):
    """Each number of the columns gets the gradient of the pixel that it was added to, and 0 in the padding."""
    for settings in SETTINGS:
        see.gradients(
            lambda y, s=settings: nf.fold(y, (3, 4), *s),
            [rng.normal(size=columns_of(np.zeros((2, 2, 3, 4)), *settings).shape)],
            like=lambda y, s=settings: image_of(y, (3, 4), *s),
        )


def test_a_gradient_by_hand(see):
    """The middle pixel of three is in both windows of width 2: its gradient is the sum of two."""
    x = nf.Tensor([[[[1.0, 2.0, 3.0]]]], requires_grad=True)
    nf.unfold(x, (1, 2)).backward(np.array([[[1.0, 10.0], [100.0, 1000.0]]], dtype=np.float32))
    see.close(x.grad, [[[[1.0, 110.0, 1000.0]]]])


def test_an_int_counts_for_both_axes(see, rng):
    """fold(columns, 5, 3, 2, 1) is fold(columns, (5, 5), (3, 3), (2, 2), (1, 1))."""
    columns = rng.normal(size=(2, 18, 9))
    see.close(nf.fold(nf.Tensor(columns), 5, 3, 2, 1), image_of(columns, (5, 5), (3, 3), (2, 2), (1, 1)))
    named = nf.fold(nf.Tensor(columns), output_size=5, kernel_size=3, stride=1)
    see.close(named, image_of(columns, (5, 5), (3, 3), (1, 1), (0, 0)))


def test_a_batch_of_0_and_sizes_of_1(see):
    """No columns give no image, of the right shape, also backward; a single number goes to a single pixel."""
    x = nf.zeros((0, 3, 5, 7), requires_grad=True)
    y = nf.fold(nf.unfold(x, (2, 3)), (5, 7), (2, 3))
    see.equal(y.shape, (0, 3, 5, 7))
    y.backward(np.zeros(y.shape, dtype=np.float32))
    see.equal(x.grad.shape, (0, 3, 5, 7))
    see.close(nf.fold(nf.Tensor([[[7.0]]]), 1, 1), [[[[7.0]]]])


def test_the_dtype_stays(see):
    """float32 columns give a float32 image, and both gradients are float32; float64 and integers stay, to the last
    digit."""
    for dtype in ("float32", "float64"):
        x = nf.Tensor(np.array([[[[0.1, 0.2, 0.7]]]], dtype=dtype), requires_grad=True)
        y = nf.fold(nf.unfold(x, (1, 2), padding=(0, 1)), (1, 3), (1, 2), padding=(0, 1))
        see.close(y, np.array([[[[0.2, 0.4, 1.4]]]], dtype=dtype))
        y.backward(np.array([[[[0.1, 0.3, 0.6]]]], dtype=dtype))
        see.close(x.grad, np.array([[[[0.2, 0.6, 1.2]]]], dtype=dtype))
        see.equal([y.dtype, x.grad.dtype], [dtype, dtype])
    y = nf.fold(nf.Tensor([[[1, 30], [2, 40]]]), (1, 3), (1, 2))
    see.close(y, [[[[1, 32, 40]]]])
    see.equal(y.dtype, "int64")


def test_no_loop_over_images_channels_or_windows(see):
    """Forward and backward, Python runs as many lines for 150 images, channels, rows or columns as for a few."""
    there_and_back((2, 2, 4, 4))
    small = see.steps(lambda: there_and_back((2, 2, 4, 4)))
    for shape in [(150, 2, 4, 4), (2, 150, 4, 4), (2, 2, 150, 4), (2, 2, 4, 150)]:
        see.at_most(see.steps(lambda s=shape: there_and_back(s)) - small, 100)
    see.close(nf.fold(nf.ones((2, 8, 177)), (4, 60), 2).data.sum(), 2.0 * 8 * 177)


def test_columns_that_do_not_fit_are_refused(see):
    """A ShapeError has the columns' shape, and how many windows the output size has."""
    see.close(nf.fold(nf.Tensor([[[1.0, 2.0, 3.0]]]), (1, 3), 1), [[[[1.0, 2.0, 3.0]]]])
    see.raises(lambda: nf.fold(nf.ones((1, 4, 5)), (3, 4), 2), "ShapeError", mentions=["fold", 5, 6])
    see.raises(lambda: nf.fold(nf.ones((1, 5, 6)), (3, 4), 2), "ShapeError", mentions=["fold", "(1, 5, 6)"])
    see.raises(lambda: nf.fold(nf.ones((4, 6)), (3, 4), 2), "ShapeError", mentions=["fold", "(4, 6)"])
    see.raises(lambda: nf.fold(nf.ones((1, 4, 1)), (1, 4), 2), "ShapeError", mentions=["fold"])


def test_settings_that_make_no_sense_are_refused(see):
    """A kernel size or stride below 1 and a negative padding are ValueErrors that name the function and the number."""
    columns = nf.Tensor([[[1.0, 2.0]]])
    see.close(nf.fold(columns, (1, 3), 1, (1, 2)), [[[[1.0, 0.0, 2.0]]]])
    see.raises(lambda: nf.fold(columns, (1, 2), (0, 1)), "ValueError", mentions=["fold", 0])
    see.raises(lambda: nf.fold(columns, (1, 2), 1, (1, 0)), "ValueError", mentions=["fold", 0])
    see.raises(lambda: nf.fold(columns, (1, 2), 1, 0), "ValueError", mentions=["fold", 0])
    see.raises(lambda: nf.fold(columns, (1, 2), 1, 1, (-1, 0)), "ValueError", mentions=["fold", -1])
