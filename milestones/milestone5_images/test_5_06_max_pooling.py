"""5.6 Max pooling: the largest pixel of each window."""

import numpy as np

import neural_framework as nf

# Pairs (height, width): kernel, stride, padding.
SETTINGS = [((2, 3), (1, 1), (0, 0)), ((3, 2), (1, 3), (1, 1)), ((2, 2), (3, 1), (0, 1)), ((1, 1), (1, 1), (0, 0))]


def windows_of(x, kernel, stride, padding, filled):
    """The windows of x (N, C, H, W) as (N, C, Ho, Wo, kh * kw), cut out one by one; padding holds `filled`."""
    (kh, kw), (sh, sw), (ph, pw) = kernel, stride, padding
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=filled)
    rows, columns = range(0, x.shape[2] - kh + 1, sh), range(0, x.shape[3] - kw + 1, sw)
    windows = [[x[:, :, i : i + kh, j : j + kw].reshape(*x.shape[:2], -1) for j in columns] for i in rows]
    return np.transpose(windows, (2, 3, 0, 1, 4))


def largest(x, kernel, stride, padding=(0, 0)):
    """The maximum of each window; padding never wins."""
    return windows_of(x, kernel, stride, padding, -np.inf).max(axis=-1)


def apart(rng, shape):
    """Numbers of both signs without ties, at least a hundredth from each other."""
    size = int(np.prod(shape))
    return (rng.permutation(size).reshape(shape) - size / 2) / 10


def there_and_back(shape):
    """Pool windows of 2 x 2 pixels with padding, forward and backward."""
    x = nf.ones(shape, requires_grad=True)
    y = nf.max_pool2d(x, 2, padding=1)
    y.backward(np.ones(y.shape, dtype=np.float32))


def gradient(x, upstream, *settings):
    """The gradient of an image, or of an array of them, under an upstream gradient."""
    x = nf.Tensor(np.array(x), requires_grad=True)
    nf.max_pool2d(x, *settings).backward(np.array(upstream))
    return x.grad.data


def test_the_largest_of_each_window(see):
    """A 2 x 2 kernel moves by its own size: a 4 x 4 image gives 2 x 2 maxima."""
    image = [[3.0, 1.0, 2.0, 9.0], [4.0, 2.0, 8.0, 7.0], [-5.0, -6.0, 0.0, 1.0], [-8.0, -7.0, 2.0, 3.0]]
    see.close(nf.max_pool2d(nf.Tensor(np.array([[image]])), 2), [[[[4.0, 9.0], [-5.0, 3.0]]]])


def test_each_channel_of_each_image_has_its_own_maxima(see, rng):
    """No maximum is taken over channels or images."""
    x = apart(rng, (3, 2, 4, 6))
    see.close(nf.max_pool2d(nf.Tensor(x), (2, 3)), largest(x, (2, 3), (2, 3)))


def test_any_settings(see, rng):
    """For every kernel, stride and padding, the results are the maxima of the windows, cut out one by one."""
    x = apart(rng, (2, 3, 5, 7))
    for settings in [*SETTINGS, ((4, 1), (1, 2), (2, 0))]:
        see.close(nf.max_pool2d(nf.Tensor(x), *settings), largest(x, *settings))
    see.close(nf.max_pool2d(nf.Tensor(x), 3, 2, 1), largest(x, (3, 3), (2, 2), (1, 1)))
    see.close(nf.max_pool2d(nf.Tensor(x), 3, padding=1), largest(x, (3, 3), (3, 3), (1, 1)))
    see.close(nf.max_pool2d(nf.Tensor(x), (2, 3), stride=None), largest(x, (2, 3), (2, 3)))


def test_padding_never_wins(see):
    """Where all pixels are negative, the maximum is a pixel, not the 0 of the padding."""
    image = np.array([[[[-1.0, -2.0, -3.0], [-4.0, -5.0, -6.0]]]])
    see.close(nf.max_pool2d(nf.Tensor(image), 2, padding=1), [[[[-1.0, -2.0], [-4.0, -5.0]]]])
    see.close(nf.max_pool2d(nf.Tensor(image), (2, 1), padding=(1, 0)), [[[[-1.0, -2.0, -3.0], [-4.0, -5.0, -6.0]]]])
    see.close(nf.max_pool2d(nf.Tensor(image), (1, 2), padding=(0, 1)), [[[[-1.0, -2.0], [-4.0, -5.0]]]])


def test_all_of_the_gradient_goes_to_the_largest(see):
    """The largest pixel of each window gets the upstream gradient, all others get 0."""
    image = [[[[3.0, 1.0, 2.0, 9.0], [4.0, 2.0, 8.0, 7.0]]]]
    see.close(gradient(image, [[[[0.1, -0.2]]]], 2), [[[[0.0, 0.0, 0.0, -0.2], [0.1, 0.0, 0.0, 0.0]]]])


def test_a_pixel_that_wins_twice_gets_both(see):
    """With stride 1, windows overlap: the gradients of all windows that a pixel wins are added up."""
    image = [[[[1.0, 5.0, 2.0, 3.0]]]]
    see.close(gradient(image, [[[[10.0, 200.0, 3000.0]]]], (1, 2), 1), [[[[0.0, 210.0, 0.0, 3000.0]]]])


def test_gradients_with_every_setting(see, rng):
    """Without ties, the gradient agrees with central differences, for every kernel, stride and padding."""
    for settings in SETTINGS:
        see.gradients(
            lambda x, s=settings: nf.max_pool2d(x, *s),
            [apart(rng, (2, 2, 4, 5))],
            like=lambda x, s=settings: largest(x, *s),
        )


def test_shares_of_a_tie_add_up(see):
    """Where pixels tie, they share the upstream gradient: the shares are at least 0 and add up to it."""
    image = [[[[7.0, 7.0, 1.0, 5.0], [7.0, 2.0, 5.0, 5.0]]]]
    shares = gradient(image, [[[[6.0, 30.0]]]], 2)
    see.close(shares.reshape(2, 2, 2).sum(axis=(0, 2)), [6.0, 30.0])
    see.at_least(shares.min(), 0.0)


def test_what_does_not_tie_gets_nothing(see):
    """Only the pixels that are equal to the maximum share; the others get 0."""
    shares = gradient([[[[7.0, 7.0, 1.0, 5.0], [7.0, 2.0, 5.0, 5.0]]]], [[[[6.0, 30.0]]]], 2)
    see.close(shares[0, 0, [1, 0], [1, 2]], [0.0, 0.0])
    see.close(shares.reshape(2, 2, 2).sum(axis=(0, 2)), [6.0, 30.0])


def test_padding_takes_no_share(see):
    """A pixel of value 0 does not tie with the padding: it gets the whole upstream gradient."""
    see.close(gradient([[[[0.0, -1.0, 0.0]]]], [[[[8.0, -6.0]]]], (1, 2), (1, 2), (0, 1)), [[[[8.0, 0.0, -6.0]]]])


def test_a_batch_of_0_and_sizes_of_1(see):
    """No image gives no result, of the right shape, also backward; a window of one pixel is the pixel, in a new
    array."""
    x = nf.zeros((0, 3, 4, 6), requires_grad=True)
    y = nf.max_pool2d(x, 2, padding=1)
    see.equal(y.shape, (0, 3, 3, 4))
    y.backward(np.zeros(y.shape, dtype=np.float32))
    see.equal(x.grad.shape, (0, 3, 4, 6))
    x = nf.Tensor([[[[-7.0]]]])
    y = nf.max_pool2d(x, 1)
    x.data[...] = 9.0
    see.close(y, [[[[-7.0]]]])


def test_float32_stays_float32_without_a_warning(see):
    """float32 images give float32 maxima and gradients, with padding, and with huge and infinite pixels; no warning."""
    x = nf.Tensor([[[[-1e30, -np.inf, np.inf]]]], requires_grad=True)
    y = see.without_warnings(lambda: nf.max_pool2d(x, (1, 2), (1, 2), (0, 1)))
    see.close(y, np.array([[[[-1e30, np.inf]]]], dtype=np.float32))
    see.without_warnings(lambda: y.backward(np.array([[[[2.0, 3.0]]]], dtype=np.float32)))
    see.close(x.grad, [[[[2.0, 0.0, 3.0]]]])
    see.equal([y.dtype, x.grad.dtype], ["float32", "float32"])


def test_no_loop_over_images_channels_or_windows(see):
    """Forward and backward, Python runs as many lines for 150 images, channels, rows or columns as for a few."""
    there_and_back((2, 2, 4, 4))
    small = see.steps(lambda: there_and_back((2, 2, 4, 4)))
    for shape in [(150, 2, 4, 4), (2, 150, 4, 4), (2, 2, 300, 4), (2, 2, 4, 300)]:
        see.at_most(see.steps(lambda s=shape: there_and_back(s)) - small, 100)
    see.close(nf.max_pool2d(nf.ones((2, 2, 4, 120)), 2).data.sum(), 2.0 * 2 * 2 * 60)


def test_the_layer(see, rng):
    """MaxPool2d(kernel_size, stride=None, padding=0) is the function with these settings, and has no parameters."""
    x = apart(rng, (2, 3, 5, 7))
    see.close(nf.MaxPool2d((2, 3))(nf.Tensor(x)), largest(x, (2, 3), (2, 3)))
    see.close(nf.MaxPool2d(3, (1, 2), (0, 1))(nf.Tensor(x)), largest(x, (3, 3), (1, 2), (0, 1)))
    layer = nf.MaxPool2d(kernel_size=3, stride=2, padding=1)
    see.close(layer(nf.Tensor(x)), largest(x, (3, 3), (2, 2), (1, 1)))
    see.equal(list(layer.parameters()), [])


def test_shapes_that_do_not_fit_are_refused(see):
    """An image without 4 axes and a kernel larger than the padded image are ShapeErrors that have the sizes."""
    x = nf.Tensor(np.arange(12.0).reshape(1, 1, 3, 4))
    see.close(nf.max_pool2d(x, (3, 6), padding=(0, 1)), [[[[11.0]]]])
    see.raises(lambda: nf.max_pool2d(x[0], 2), "ShapeError", mentions=["max_pool2d", "(1, 3, 4)", "unsqueeze(0)"])
    see.raises(lambda: nf.max_pool2d(x, (4, 1)), "ShapeError", mentions=["max_pool2d", 4, 3])
    see.raises(lambda: nf.max_pool2d(x, (2, 7), padding=(1, 1)), "ShapeError", mentions=["max_pool2d", 7, 4])


def test_settings_that_make_no_sense_are_refused(see):
    """Sizes and strides below 1, negative padding, and padding above half of the kernel are ValueErrors."""
    x = nf.Tensor([[[[1.0, 2.0, 3.0]]]])
    see.close(nf.max_pool2d(x, (1, 2), padding=(0, 1)), [[[[1.0, 3.0]]]])
    see.raises(lambda: nf.max_pool2d(x, (1, 0)), "ValueError", mentions=["max_pool2d", 0])
    see.raises(lambda: nf.max_pool2d(x, 1, (1, 0)), "ValueError", mentions=["max_pool2d", 0])
    see.raises(lambda: nf.max_pool2d(x, 1, 0), "ValueError", mentions=["max_pool2d", 0])
    see.raises(lambda: nf.max_pool2d(x, 1, 1, (0, -1)), "ValueError", mentions=["max_pool2d", -1])
    see.raises(lambda: nf.max_pool2d(x, (1, 3), 1, (0, 2)), "ValueError", mentions=["max_pool2d", 2, 3])
    see.raises(lambda: nf.max_pool2d(x, (1, 3), 1, (1, 1)), "ValueError", mentions=["max_pool2d", 1])
