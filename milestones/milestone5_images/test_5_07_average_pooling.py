"""5.7 Average pooling: the mean of each window."""

import numpy as np

import neural_framework as nf

# Pairs (height, width): kernel, stride, padding.
SETTINGS = [((2, 3), (1, 1), (0, 0)), ((3, 2), (1, 3), (1, 1)), ((2, 2), (3, 1), (0, 1)), ((1, 1), (1, 1), (0, 0))]


def means(x, kernel, stride, padding=(0, 0)):
    """The mean of each window of x (N, C, H, W), cut out one by one; padding counts as zeros."""
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    rows, columns = range(0, x.shape[2] - kh + 1, sh), range(0, x.shape[3] - kw + 1, sw)
    y = [[x[:, :, i : i + kh, j : j + kw].mean(axis=(2, 3)) for j in columns] for i in rows]
    return np.transpose(y, (2, 3, 0, 1))


def there_and_back(shape):
    """Pool windows of 2 x 2 pixels, forward and backward."""
    x = nf.ones(shape, requires_grad=True)
    y = nf.avg_pool2d(x, 2)
    y.backward(np.ones(y.shape, dtype=np.float32))


def test_the_mean_of_each_window(see):
    """A 2 x 2 kernel moves by its own size: a 2 x 4 image gives 2 means."""
    image = np.array([[[[1.0, 2.0, 30.0, 20.0], [3.0, 4.0, 10.0, 0.0]]]])
    see.close(nf.avg_pool2d(nf.Tensor(image), 2), [[[[2.5, 15.0]]]])


def test_padding_counts_as_zeros(see):
    """In a corner, three of four pixels are padding: the mean is a quarter of the pixel."""
    image = np.array([[[[4.0, 8.0], [12.0, 16.0]]]])
    see.close(nf.avg_pool2d(nf.Tensor(image), 2, padding=1), [[[[1.0, 2.0], [3.0, 4.0]]]])


def test_any_settings(see, rng):
    """For every kernel, stride and padding, the results are the means of the windows, cut out one by one: what another
    window or channel holds, even infinity, changes nothing."""
    x = rng.normal(size=(2, 3, 5, 7))
    for settings in [*SETTINGS, ((4, 1), (1, 2), (2, 0))]:
        see.close(nf.avg_pool2d(nf.Tensor(x), *settings), means(x, *settings))
    see.close(nf.avg_pool2d(nf.Tensor(x), 3, 2, 1), means(x, (3, 3), (2, 2), (1, 1)))
    see.close(nf.avg_pool2d(nf.Tensor(x), (2, 3)), means(x, (2, 3), (2, 3)))
    image = np.array([[[[1.0, 3.0, np.inf, 5.0]], [[2.0, 4.0, 6.0, 8.0]]]])
    see.close(nf.avg_pool2d(nf.Tensor(image), (1, 2)), [[[[2.0, np.inf]], [[3.0, 7.0]]]])


def test_each_pixel_gets_its_part_of_the_gradient(see, rng):
    """A pixel gets 1 / (kh * kw) of the gradient of each of its windows: a quarter of 0.4, to the last digit."""
    x = nf.Tensor(np.array([[[[1.0, 2.0], [3.0, 5.0]]]]), requires_grad=True)
    nf.avg_pool2d(x, 2).backward(np.array([[[[0.4]]]]))
    see.close(x.grad, np.array([[[[0.1, 0.1], [0.1, 0.1]]]]))
    for settings in SETTINGS:
        see.gradients(
            lambda x, s=settings: nf.avg_pool2d(x, *s),
            [rng.normal(size=(2, 2, 4, 5))],
            like=lambda x, s=settings: means(x, *s),
        )


def test_a_batch_of_0_sizes_of_1_and_float32(see):
    """No image gives no result, of the right shape; a window of one pixel is the pixel, in a new array; float32 stays
    float32, and integers have means in float64."""
    see.equal(nf.avg_pool2d(nf.zeros((0, 3, 4, 6)), 2, padding=1).shape, (0, 3, 3, 4))
    x = nf.Tensor([[[[-7.0]]]])
    y = nf.avg_pool2d(x, 1)
    x.data[...] = 9.0
    see.close(y, [[[[-7.0]]]])
    see.equal(y.dtype, "float32")
    y = nf.avg_pool2d(nf.Tensor([[[[1, 2], [3, 5]]]]), 2)
    see.close(y, np.array([[[[2.75]]]]))
    see.equal(y.dtype, "float64")


def test_no_loop_over_images_channels_or_windows(see):
    """Forward and backward, Python runs as many lines for 150 images, channels, rows or columns as for a few."""
    there_and_back((2, 2, 4, 4))
    small = see.steps(lambda: there_and_back((2, 2, 4, 4)))
    for shape in [(150, 2, 4, 4), (2, 150, 4, 4), (2, 2, 300, 4), (2, 2, 4, 300)]:
        see.at_most(see.steps(lambda s=shape: there_and_back(s)) - small, 100)
    see.close(nf.avg_pool2d(nf.ones((2, 2, 4, 120)), 2).data.sum(), 2.0 * 2 * 2 * 60)


def test_the_layer_uses_it(see, rng):
    """AvgPool2d, which is given, is the function with its settings."""
    x = rng.normal(size=(2, 3, 5, 7))
    see.close(nf.AvgPool2d((2, 3))(nf.Tensor(x)), means(x, (2, 3), (2, 3)))
    see.close(nf.AvgPool2d(3, (1, 2), (0, 1))(nf.Tensor(x)), means(x, (3, 3), (1, 2), (0, 1)))


def test_what_does_not_fit_is_refused(see):
    """Axes and kernels that do not fit are ShapeErrors; settings that make no sense are ValueErrors."""
    x = nf.Tensor(np.arange(12.0).reshape(1, 1, 3, 4))
    see.close(nf.avg_pool2d(x, (3, 6), padding=(0, 1)), [[[[66.0 / 18.0]]]])
    see.raises(lambda: nf.avg_pool2d(x[0], 2), "ShapeError", mentions=["avg_pool2d", "(1, 3, 4)", "unsqueeze(0)"])
    see.raises(lambda: nf.avg_pool2d(x, (4, 1)), "ShapeError", mentions=["avg_pool2d", 4, 3])
    see.raises(lambda: nf.avg_pool2d(x, (1, 0)), "ValueError", mentions=["avg_pool2d", 0])
    see.raises(lambda: nf.avg_pool2d(x, 1, (1, 0)), "ValueError", mentions=["avg_pool2d", 0])
    see.raises(lambda: nf.avg_pool2d(x, 1, 0), "ValueError", mentions=["avg_pool2d", 0])
    see.raises(lambda: nf.avg_pool2d(x, (3, 1), 1, (2, 0)), "ValueError", mentions=["avg_pool2d", 2, 3])
    see.raises(lambda: nf.avg_pool2d(x, 2, 1, (0, -1)), "ValueError", mentions=["avg_pool2d", -1])
