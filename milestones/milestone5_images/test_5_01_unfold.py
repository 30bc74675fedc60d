"""5.1 Unfold: the windows of an image as columns."""

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
    ((5, 7), (2, 2), (0, 0)),
]


def columns_of(x, kernel, stride, padding):
    """The windows of x (N, C, H, W), cut out one by one, as columns."""
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    rows, columns = range(0, x.shape[2] - kh + 1, sh), range(0, x.shape[3] - kw + 1, sw)
    windows = [x[:, :, i : i + kh, j : j + kw].reshape(len(x), -1) for i in rows for j in columns]
    return np.stack(windows, axis=-1)


def test_the_windows_of_a_small_image(see):
    """A 2 x 2 kernel fits in 4 places of a 3 x 3 image: each place is a column; its pixels are read row by row."""
    image = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]])
    expected = [[[1.0, 2.0, 4.0, 5.0], [2.0, 3.0, 5.0, 6.0], [4.0, 5.0, 7.0, 8.0], [5.0, 6.0, 8.0, 9.0]]]
    see.close(nf.unfold(nf.Tensor(image), 2), expected)


def test_windows_go_row_by_row(see):
    """The second window is the right neighbour of the first, not the one below it."""
    image = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    see.close(nf.unfold(nf.Tensor(image), 1), [[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]])


def test_a_column_has_one_channel_after_the_other(see):
    """All pixels of the first channel come before those of the second."""
    image = np.array([[[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]]])
    see.close(nf.unfold(nf.Tensor(image), (2, 1)), [[[1.0, 2.0], [3.0, 4.0], [10.0, 20.0], [30.0, 40.0]]])


def test_height_comes_first_in_every_pair(see):
    """kernel_size, stride and padding are pairs (height, width): here a window of 1 row and 2 columns."""
    image = np.array([[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0]]]])
    see.close(nf.unfold(nf.Tensor(image), (1, 2), stride=(2, 2)), [[[1.0, 3.0, 9.0, 11.0], [2.0, 4.0, 10.0, 12.0]]])
    see.close(nf.unfold(nf.Tensor(image[:, :, :1]), (1, 6), padding=(0, 1)), [[[0], [1.0], [2.0], [3.0], [4.0], [0]]])


def test_padding_is_zeros_all_around(see):
    """With padding 1, the window in the upper left corner has a row and a column of zeros."""
    image = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    columns = nf.unfold(nf.Tensor(image), 2, stride=2, padding=1)
    see.close(columns, [[[0.0, 0.0, 0.0, 4.0], [0.0, 0.0, 3.0, 0.0], [0.0, 2.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]]])


def test_any_settings(see, rng):
    """For every kernel, stride and padding, the columns are the windows, cut out one by one."""
    x = rng.normal(size=(2, 3, 5, 7))
    for settings in SETTINGS:
        see.close(nf.unfold(nf.Tensor(x), *settings), columns_of(x, *settings))


def test_an_int_counts_for_both_axes(see, rng):
    """unfold(x, 3, 2, 1) is unfold(x, (3, 3), (2, 2), (1, 1)); without them, the stride is 1 and the padding 0."""
    x = rng.normal(size=(2, 3, 5, 7))
    see.close(nf.unfold(nf.Tensor(x), 3, 2, 1), columns_of(x, (3, 3), (2, 2), (1, 1)))
    see.close(nf.unfold(nf.Tensor(x), kernel_size=3, stride=2), columns_of(x, (3, 3), (2, 2), (0, 0)))
    see.close(nf.unfold(nf.Tensor(x), 3), columns_of(x, (3, 3), (1, 1), (0, 0)))


def test_pixels_that_fill_no_window_are_left_out(see):
    """With stride 2, a 2 x 2 kernel fits twice into a width of 5; the last column is in no window."""
    image = np.arange(1.0, 11.0).reshape(1, 1, 2, 5)
    see.close(nf.unfold(nf.Tensor(image), 2, stride=2), [[[1.0, 3.0], [2.0, 4.0], [6.0, 8.0], [7.0, 9.0]]])


def test_a_batch_of_0_and_sizes_of_1(see):
    """No image gives no columns, of the right shape; one pixel is a window of its own."""
    see.equal(nf.unfold(nf.zeros((0, 3, 5, 7)), (2, 3)).shape, (0, 18, 20))
    see.close(nf.unfold(nf.Tensor([[[[7.0]]]]), 1), [[[7.0]]])
    see.close(nf.unfold(nf.Tensor([[[[7.0]]]]), 3, 5, 1), [[[0.0]] * 4 + [[7.0]] + [[0.0]] * 4])


def test_the_dtype_stays(see):
    """Columns of float32 images are float32, those of float64 and of integers keep their dtype as well."""
    for dtype in ("float32", "float64", "int64"):
        image = np.array([[[[11, 12], [13, 14]]]]).astype(dtype)
        columns = nf.unfold(nf.Tensor(image), (1, 2), padding=(1, 0))
        see.equal(columns.dtype, dtype)
        see.close(columns, [[[0.0, 11.0, 13.0, 0.0], [0.0, 12.0, 14.0, 0.0]]])


def test_the_image_stays_as_it_was(see):
    """unfold reads the image, and changes none of its pixels; columns are a new array, which an image that is changed
    afterwards does not change."""
    for kernel, padding, total in ((2, 0, 10.0), (1, 0, 10.0), (1, 1, 10.0), (2, 1, 40.0)):
        x = nf.Tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        columns = nf.unfold(x, kernel, padding=padding)
        see.close(x, [[[[1.0, 2.0], [3.0, 4.0]]]])
        x.data[...] = 9.0
        see.close(float(columns.data.sum()), total)


def test_no_loop_over_images_channels_or_windows(see):
    """Python runs as many lines for 150 images, channels, rows or columns as for a few."""
    small = see.steps(lambda: nf.unfold(nf.ones((2, 2, 4, 4)), 2))
    for shape in [(150, 2, 4, 4), (2, 150, 4, 4), (2, 2, 150, 4), (2, 2, 4, 150)]:
        x = nf.ones(shape)
        see.at_most(see.steps(lambda x=x: nf.unfold(x, 2)) - small, 100)
    see.close(nf.unfold(nf.ones((2, 2, 4, 60)), 2).data.sum(), 2 * 2 * 3 * 59 * 4)


def test_an_image_without_4_axes_is_refused(see):
    """unfold takes (N, C, H, W); for a single image (C, H, W), the ShapeError suggests unsqueeze(0)."""
    see.close(nf.unfold(nf.Tensor([[[[2.0, 3.0]]]]), 1), [[[2.0, 3.0]]])
    see.raises(lambda: nf.unfold(nf.ones((3, 5, 7)), 2), "ShapeError", mentions=["unfold", "(3, 5, 7)", "unsqueeze(0)"])
    see.raises(lambda: nf.unfold(nf.ones((5, 7)), 2), "ShapeError", mentions=["unfold", "(5, 7)"])


def test_a_kernel_larger_than_the_padded_image_is_refused(see):
    """A kernel may be as large as the image with its padding, but no larger: then a ShapeError has the sizes."""
    x = nf.Tensor(np.arange(35.0).reshape(1, 1, 5, 7))
    see.close(nf.unfold(x, (7, 7), padding=(1, 0)).data[0, :, 0], [*[0.0] * 7, *np.arange(35.0), *[0.0] * 7])
    see.raises(lambda: nf.unfold(x, (6, 2)), "ShapeError", mentions=["unfold", 6, 5])
    see.raises(lambda: nf.unfold(x, (2, 8)), "ShapeError", mentions=["unfold", 8, 7])
    see.raises(lambda: nf.unfold(x, (8, 7), padding=(1, 0)), "ShapeError", mentions=["unfold", 8])
    see.raises(lambda: nf.unfold(x, (6, 2), stride=2), "ShapeError", mentions=["unfold", 6, 5])


def test_settings_that_make_no_sense_are_refused(see):
    """A kernel size or stride below 1 and a negative padding are ValueErrors that name the function and the number."""
    x = nf.Tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    see.close(nf.unfold(x, (2, 1), 2), [[[1.0, 3.0], [4.0, 6.0]]])
    see.raises(lambda: nf.unfold(x, (1, 0)), "ValueError", mentions=["unfold", 0])
    see.raises(lambda: nf.unfold(x, 1, 0), "ValueError", mentions=["unfold", 0])
    see.raises(lambda: nf.unfold(x, 1, (0, 1)), "ValueError", mentions=["unfold", 0])
    see.raises(lambda: nf.unfold(x, 1, 1, (0, -2)), "ValueError", mentions=["unfold", -2])
