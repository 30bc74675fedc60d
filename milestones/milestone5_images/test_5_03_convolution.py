"""5.3 Convolution: conv2d, one kernel for all places of an image."""

import numpy as np

import neural_framework as nf


def convolved(x, weight, bias, stride=(1, 1), padding=(0, 0)):
    """y[n, o, i, j] = the sum of weight[o] times the window of x[n] at (i, j), plus bias[o]."""
    (sh, sw), (ph, pw), (kh, kw) = stride, padding, weight.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    rows, columns = range(0, x.shape[2] - kh + 1, sh), range(0, x.shape[3] - kw + 1, sw)
    y = [[np.einsum("ncij,ocij->no", x[:, :, i : i + kh, j : j + kw], weight) for j in columns] for i in rows]
    return np.transpose(y, (2, 3, 0, 1)) + np.reshape(bias, (-1, 1, 1))


def there_and_back(n, c, o, h, w):
    """conv2d with kernels of ones, forward and backward."""
    x, weight = nf.ones((n, c, h, w), requires_grad=True), nf.ones((o, c, 2, 2), requires_grad=True)
    bias = nf.ones(o, requires_grad=True)
    nf.conv2d(x, weight, bias).backward(np.ones((n, o, h - 1, w - 1), dtype=np.float32))


def tensors(*arrays):
    """A Tensor of each array."""
    return [nf.Tensor(array) for array in arrays]


def test_one_kernel_by_hand(see):
    """The kernel lies on every 2 x 2 window, pixel on pixel, and the products are added up. It is not flipped."""
    image = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    kernel = np.array([[[[1.0, 10.0], [100.0, 1000.0]]]])
    see.close(nf.conv2d(*tensors(image, kernel)), [[[[5421.0, 6532.0]]]])  # 1 + 20 + 400 + 5000


def test_channels_add_up(see):
    """The results of all channels are added up, each with its own part of the kernel."""
    image = np.array([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    kernel = np.array([[[[10.0]], [[1000.0]]]])
    see.close(nf.conv2d(*tensors(image, kernel)), [[[[3010.0, 4020.0]]]])


def test_each_kernel_gives_a_channel(see):
    """Two kernels and two numbers of the bias give two channels, in their order."""
    image, kernels = np.array([[[[1.0, 2.0, 3.0]]]]), np.array([[[[1.0, 1.0]]], [[[1.0, -1.0]]]])
    y = nf.conv2d(*tensors(image, kernels, np.array([100.0, 200.0])))
    see.close(y, [[[[103.0, 105.0]], [[199.0, 199.0]]]])


def test_a_batch_with_every_setting(see, rng):
    """Batches, channels, strides and paddings of every kind give the sums of products, computed one by one."""
    x, weight, bias = rng.normal(size=(2, 3, 5, 7)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
    for stride, padding in [((1, 1), (0, 0)), ((2, 1), (0, 0)), ((2, 3), (0, 0)), ((1, 3), (1, 2)), ((3, 2), (2, 0))]:
        y = nf.conv2d(*tensors(x, weight, bias), stride, padding)
        see.close(y, convolved(x, weight, bias, stride, padding))


def test_an_int_counts_for_both_axes(see, rng):
    """Stride and padding may be ints; without them they are 1 and 0, and without a bias nothing is added."""
    x, weight, bias = rng.normal(size=(2, 3, 5, 7)), rng.normal(size=(4, 3, 2, 3)), rng.normal(size=4)
    see.close(nf.conv2d(*tensors(x, weight, bias), 2, 1), convolved(x, weight, bias, (2, 2), (1, 1)))
    see.close(nf.conv2d(*tensors(x, weight)), convolved(x, weight, 0.0))
    see.close(nf.conv2d(*tensors(x, weight), stride=2), convolved(x, weight, 0.0, (2, 2)))
    y = nf.conv2d(*tensors(x, weight), bias=nf.Tensor(bias), padding=2)
    see.close(y, convolved(x, weight, bias, padding=(2, 2)))


def test_a_shifted_image_gives_a_shifted_result(see, rng):
    """When the image moves by a row and two columns, the result moves by as much: the kernel is the same everywhere."""
    x, weight = np.zeros((1, 2, 8, 9)), rng.normal(size=(3, 2, 3, 2))
    x[:, :, 2:5, 2:5] = rng.normal(size=(1, 2, 3, 3))
    shifted = np.roll(x, (1, 2), axis=(2, 3))
    see.close(nf.conv2d(*tensors(shifted, weight)), np.roll(convolved(x, weight, 0.0), (1, 2), axis=(2, 3)))


def test_it_is_linear(see, rng):
    """conv2d(2 x - 3 z) = 2 conv2d(x) - 3 conv2d(z): an image's result does not depend on another's."""
    x, z, weight = rng.normal(size=(2, 2, 4, 3)), rng.normal(size=(2, 2, 4, 3)), rng.normal(size=(3, 2, 2, 2))
    expected = 2 * convolved(x, weight, 0.0) - 3 * convolved(z, weight, 0.0)
    see.close(nf.conv2d(*tensors(2 * x - 3 * z, weight)), expected)


def test_a_kernel_of_one_pixel_mixes_channels(see, rng):
    """With a 1 x 1 kernel, each pixel's channels are multiplied by the matrix weight (O, C)."""
    x, weight = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(6, 3, 1, 1))
    see.close(nf.conv2d(*tensors(x, weight)), np.einsum("nchw,oc->nohw", x, weight[:, :, 0, 0]))


def test_gradients_of_image_weight_and_bias(see, rng):
    """All three gradients agree with central differences; they come from those of unfold and the product."""
    arrays = [rng.normal(size=(2, 2, 3, 4)), rng.normal(size=(3, 2, 2, 3))]
    for stride, padding, bias in [((1, 1), (0, 0), rng.normal(size=3)), ((2, 1), (1, 2), np.zeros(3))]:
        see.gradients(
            lambda x, w, b, s=stride, p=padding: nf.conv2d(x, w, b, s, p),
            [*arrays, bias],
            like=lambda x, w, b, s=stride, p=padding: convolved(x, w, b, s, p),
        )


def test_gradients_without_a_bias(see, rng):
    """Without a bias, image and weight get their gradients all the same."""
    arrays = [rng.normal(size=(2, 2, 3, 4)), rng.normal(size=(3, 2, 2, 3))]
    see.gradients(nf.conv2d, arrays, like=lambda x, w: convolved(x, w, 0.0))


def test_a_batch_of_0_and_sizes_of_1(see):
    """No image gives no result, of the right shape; then the weight's gradient is 0. One pixel is one product."""
    weight = nf.Tensor(np.array([[[[2.0]]]]), requires_grad=True)
    empty = nf.conv2d(nf.Tensor(np.zeros((0, 1, 4, 5))), weight, padding=(0, 1))
    see.equal(empty.shape, (0, 1, 4, 7))
    empty.backward(np.zeros((0, 1, 4, 7)))
    see.close(weight.grad, [[[[0.0]]]])
    see.close(nf.conv2d(nf.Tensor(np.array([[[[3.0]]]])), weight), [[[[6.0]]]])


def test_float32_stays_float32(see):
    """float32 images, kernels and bias give a float32 result, with float32 gradients; with one in float64, as in
    arithmetic, the result is float64."""
    x, weight = nf.Tensor([[[[1.5, 2.0]]]], requires_grad=True), nf.Tensor([[[[4.0]]]], requires_grad=True)
    y = nf.conv2d(x, weight, nf.Tensor([1.0]))
    see.close(y, [[[[7.0, 9.0]]]])
    y.backward(np.array([[[[1.0, 2.0]]]], dtype=np.float32))
    see.equal([y.dtype, x.grad.dtype, weight.grad.dtype], ["float32"] * 3)
    single, double = np.array([[[[0.5]]]], dtype=np.float32), np.array([[[[0.1]]]])
    for y in (nf.conv2d(*tensors(single, double)), nf.conv2d(*tensors(double, single))):
        see.close(y, np.array([[[[0.05]]]]))
        see.equal(y.dtype, "float64")


def test_no_loop_over_images_channels_or_windows(see):
    """Forward and backward, Python runs as many lines for 150 images, channels, kernels or rows as for a few."""
    there_and_back(2, 2, 2, 4, 4)
    small = see.steps(lambda: there_and_back(2, 2, 2, 4, 4))
    for sizes in [(150, 2, 2, 4, 4), (2, 150, 2, 4, 4), (2, 2, 150, 4, 4), (2, 2, 2, 150, 4), (2, 2, 2, 4, 150)]:
        see.at_most(see.steps(lambda s=sizes: there_and_back(*s)) - small, 100)
    see.close(nf.conv2d(nf.ones((2, 2, 4, 60)), nf.ones((3, 2, 2, 2))).data.sum(), 2.0 * 3 * 3 * 59 * 8)


def test_shapes_that_do_not_fit_are_refused(see):
    """Each ShapeError names conv2d and has the sizes: axes, channels, bias, and a kernel larger than the image."""
    x, weight = nf.ones((2, 3, 5, 7)), nf.ones((4, 3, 2, 2))
    y = nf.conv2d(x[:1, :, :2, :2], weight, nf.Tensor([1.0, 2.0, 3.0, 4.0]))
    see.close(y, [[[[13.0]], [[14.0]], [[15.0]], [[16.0]]]])
    see.raises(lambda: nf.conv2d(x[0], weight), "ShapeError", mentions=["conv2d", "(3, 5, 7)", "unsqueeze(0)"])
    see.raises(lambda: nf.conv2d(x, weight[0]), "ShapeError", mentions=["conv2d", "(3, 2, 2)"])
    see.raises(lambda: nf.conv2d(x[:, :2], weight), "ShapeError", mentions=["conv2d", 2, 3])
    see.raises(lambda: nf.conv2d(x, weight, nf.ones(3)), "ShapeError", mentions=["conv2d", 4, 3])
    see.raises(lambda: nf.conv2d(x, weight, nf.ones((4, 1))), "ShapeError", mentions=["conv2d", "(4, 1)"])
    see.raises(lambda: nf.conv2d(x, nf.ones((4, 3, 8, 2)), None, 1, (1, 0)), "ShapeError", mentions=["conv2d", 8, 5])


def test_settings_that_make_no_sense_are_refused(see):
    """A stride below 1 and a negative padding are ValueErrors that name conv2d and the number."""
    x, weight = nf.Tensor([[[[1.0, 2.0, 3.0]]]]), nf.Tensor([[[[2.0]]]])
    see.close(nf.conv2d(x, weight, None, (1, 2)), [[[[2.0, 6.0]]]])
    see.raises(lambda: nf.conv2d(x, weight, None, (1, 0)), "ValueError", mentions=["conv2d", 0])
    see.raises(lambda: nf.conv2d(x, weight, None, 0), "ValueError", mentions=["conv2d", 0])
    see.raises(lambda: nf.conv2d(x, weight, None, 1, (0, -1)), "ValueError", mentions=["conv2d", -1])
