"""5.5 Transposed convolution: conv_transpose2d, each pixel adds its multiple of the kernel to the result."""

import numpy as np

import neural_framework as nf


def stamped(x, weight, bias=0.0, stride=(1, 1), padding=(0, 0)):
    """Each pixel (i, j) of x adds x[n, c, i, j] * weight[c] to the result, from (i * sh, j * sw) on; then the bias."""
    (n, _, h, w), (_, o, kh, kw), (sh, sw), (ph, pw) = x.shape, weight.shape, stride, padding
    y = np.zeros((n, o, (h - 1) * sh + kh, (w - 1) * sw + kw))
    for i in range(h):
        for j in range(w):
            y[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += np.einsum("nc,cokl->nokl", x[:, :, i, j], weight)
    return y[:, :, ph : y.shape[2] - ph, pw : y.shape[3] - pw] + np.reshape(bias, (-1, 1, 1))


def convolved(x, weight, stride, padding):
    """conv2d without bias, with weight (O, C, kh, kw)."""
    (sh, sw), (ph, pw), (kh, kw) = stride, padding, weight.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    rows, columns = range(0, x.shape[2] - kh + 1, sh), range(0, x.shape[3] - kw + 1, sw)
    y = [[np.einsum("ncij,ocij->no", x[:, :, i : i + kh, j : j + kw], weight) for j in columns] for i in rows]
    return np.transpose(y, (2, 3, 0, 1))


def there_and_back(n, c, o, h, w):
    """conv_transpose2d with kernels of ones, forward and backward."""
    x, weight = nf.ones((n, c, h, w), requires_grad=True), nf.ones((c, o, 2, 2), requires_grad=True)
    bias = nf.ones(o, requires_grad=True)
    nf.conv_transpose2d(x, weight, bias).backward(np.ones((n, o, h + 1, w + 1), dtype=np.float32))


def tensors(*arrays):
    """A Tensor of each array."""
    return [nf.Tensor(array) for array in arrays]


def test_a_pixel_stamps_the_kernel(see):
    """One pixel gives its multiple of the kernel, which is not flipped."""
    kernel = np.array([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]])
    see.close(nf.conv_transpose2d(*tensors(np.array([[[[10.0]]]]), kernel)), kernel * 10)


def test_overlaps_add_up(see):
    """Two neighbours stamp two kernels, one pixel apart: where both lie, their numbers are added."""
    x, kernel = np.array([[[[10.0, 100.0]]]]), np.array([[[[1.0, 2.0]]]])
    see.close(nf.conv_transpose2d(*tensors(x, kernel)), [[[[10.0, 120.0, 200.0]]]])


def test_the_stride_moves_the_stamps_apart(see):
    """With stride (1, 3), the second stamp begins 3 pixels to the right: the pixel between them stays 0."""
    x, kernel = np.array([[[[10.0, 100.0]]]]), np.array([[[[1.0, 2.0]]]])
    see.close(nf.conv_transpose2d(*tensors(x, kernel), None, (1, 3)), [[[[10.0, 20.0, 0.0, 100.0, 200.0]]]])


def test_padding_cuts_off_the_border(see):
    """Padding (0, 1) removes the first and the last column of the result."""
    x, kernel = np.array([[[[10.0, 100.0]]]]), np.array([[[[1.0, 2.0]]]])
    see.close(nf.conv_transpose2d(*tensors(x, kernel), padding=(0, 1)), [[[[120.0]]]])


def test_the_weight_is_channels_in_by_channels_out(see):
    """weight[c, o] takes channel c of the image to channel o of the result; channels of the image add up."""
    x = np.array([[[[1.0]], [[2.0]]]])
    weight = np.array([[[[1.0]], [[10.0]], [[100.0]]], [[[3.0]], [[30.0]], [[500.0]]]])
    see.close(nf.conv_transpose2d(*tensors(x, weight)), [[[[7.0]], [[70.0]], [[1100.0]]]])


def test_each_channel_has_its_bias(see):
    """The bias is added once to every pixel of its channel, also where no stamp lies."""
    x, weight = np.array([[[[1.0, 2.0]]]]), np.array([[[[10.0]], [[20.0]]]])
    y = nf.conv_transpose2d(*tensors(x, weight, np.array([0.5, 0.25])), stride=2)
    see.close(y, [[[[10.5, 0.5, 20.5]], [[20.25, 0.25, 40.25]]]])


def test_a_batch_with_every_setting(see, rng):
    """Batches, channels, strides and paddings of every kind give the stamps, added one by one."""
    x, weight, bias = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(3, 4, 2, 3)), rng.normal(size=4)
    for stride, padding in [((1, 1), (0, 0)), ((2, 1), (0, 0)), ((2, 3), (0, 0)), ((1, 3), (1, 2)), ((3, 2), (2, 0))]:
        y = nf.conv_transpose2d(*tensors(x, weight, bias), stride, padding)
        see.close(y, stamped(x, weight, bias, stride, padding))
    see.close(nf.conv_transpose2d(*tensors(x, weight, bias), 2, 1), stamped(x, weight, bias, (2, 2), (1, 1)))


def test_it_is_the_adjoint_of_conv2d(see, rng):
    """<conv2d(x), y> = <x, conv_transpose2d(y)> with one weight for both: it is conv2d's way back."""
    weight = rng.normal(size=(4, 3, 2, 3))
    for stride, padding, size in [((1, 1), (0, 0), (5, 7)), ((2, 1), (1, 2), (4, 6))]:
        x = rng.normal(size=(2, 3, *size))
        convolution = convolved(x, weight, stride, padding)
        y = rng.normal(size=convolution.shape)
        back = nf.conv_transpose2d(*tensors(y, weight), None, stride, padding)
        see.close(float((x * back.data).sum()), float((convolution * y).sum()))


def test_gradients_of_image_weight_and_bias(see, rng):
    """All three gradients agree with central differences."""
    arrays = [rng.normal(size=(2, 2, 3, 2)), rng.normal(size=(2, 3, 2, 3)), rng.normal(size=3)]
    for stride, padding in [((1, 1), (0, 0)), ((2, 1), (1, 1))]:
        see.gradients(
            lambda x, w, b, s=stride, p=padding: nf.conv_transpose2d(x, w, b, s, p),
            arrays,
            like=lambda x, w, b, s=stride, p=padding: stamped(x, w, b, s, p),
        )


def test_a_batch_of_0_and_float32(see):
    """No image gives no result, of the right shape; float32 stays float32; with one in float64, as in arithmetic, the
    result is float64."""
    x, weight = nf.Tensor([[[[1.5, 2.0]]]], requires_grad=True), nf.Tensor([[[[4.0]]]], requires_grad=True)
    see.equal(nf.conv_transpose2d(nf.zeros((0, 1, 4, 5)), weight, stride=2).shape, (0, 1, 7, 9))
    y = nf.conv_transpose2d(x, weight, nf.Tensor([1.0]))
    see.close(y, [[[[7.0, 9.0]]]])
    y.backward(np.array([[[[1.0, 2.0]]]], dtype=np.float32))
    see.equal([y.dtype, x.grad.dtype, weight.grad.dtype], ["float32"] * 3)
    single, double = np.array([[[[0.5]]]], dtype=np.float32), np.array([[[[0.1]]]])
    for y in (nf.conv_transpose2d(*tensors(single, double)), nf.conv_transpose2d(*tensors(double, single))):
        see.close(y, np.array([[[[0.05]]]]))
        see.equal(y.dtype, "float64")


def test_no_loop_over_images_channels_or_pixels(see):
    """Forward and backward, Python runs as many lines for 150 images, channels, kernels or rows as for a few."""
    there_and_back(2, 2, 2, 4, 4)
    small = see.steps(lambda: there_and_back(2, 2, 2, 4, 4))
    for sizes in [(150, 2, 2, 4, 4), (2, 150, 2, 4, 4), (2, 2, 150, 4, 4), (2, 2, 2, 150, 4), (2, 2, 2, 4, 150)]:
        see.at_most(see.steps(lambda s=sizes: there_and_back(*s)) - small, 100)
    see.close(nf.conv_transpose2d(nf.ones((2, 2, 4, 60)), nf.ones((2, 3, 2, 2))).data.sum(), 2.0 * 2 * 4 * 60 * 12)


def test_the_layer_uses_it(see):
    """ConvTranspose2d, which is given, applies it with its weight (in, out, kh, kw), bias, stride and padding."""
    layer = nf.ConvTranspose2d(2, 1, (1, 2), (1, 2), (0, 1))
    layer.load_state_dict({"weight": np.array([[[[1.0, 2.0]]], [[[3.0, 4.0]]]]), "bias": np.array([100.0])})
    see.close(layer(nf.Tensor([[[[1.0, 10.0]], [[100.0, 1000.0]]]])), [[[[502.0, 3110.0]]]])


def test_shapes_that_do_not_fit_are_refused(see):
    """Each ShapeError names the function and has the sizes: axes, channels, bias, and a result without pixels."""
    x, weight = nf.ones((2, 3, 4, 5)), nf.ones((3, 4, 2, 2))
    corner = nf.conv_transpose2d(x, weight, nf.Tensor([1.0, 2.0, 3.0, 4.0])).data[0, :, 0, 0]
    see.close(corner, [4.0, 5.0, 6.0, 7.0])
    see.raises(lambda: nf.conv_transpose2d(x[0], weight), "ShapeError", mentions=["(3, 4, 5)", "unsqueeze(0)"])
    see.raises(lambda: nf.conv_transpose2d(x, weight[0]), "ShapeError", mentions=["conv_transpose2d", "(4, 2, 2)"])
    see.raises(lambda: nf.conv_transpose2d(x[:, :2], weight), "ShapeError", mentions=["conv_transpose2d", 2, 3])
    see.raises(lambda: nf.conv_transpose2d(x, weight, nf.ones(3)), "ShapeError", mentions=["conv_transpose2d", 4, 3])
    one = nf.ones((1, 3, 1, 1))
    see.raises(lambda: nf.conv_transpose2d(one, weight, None, 1, 1), "ShapeError", mentions=["conv_transpose2d", 0])


def test_settings_that_make_no_sense_are_refused(see):
    """A stride below 1 and a negative padding are ValueErrors that name the function and the number."""
    x, weight = nf.Tensor([[[[1.0, 2.0]]]]), nf.Tensor([[[[3.0]]]])
    see.close(nf.conv_transpose2d(x, weight, None, (1, 2)), [[[[3.0, 0.0, 6.0]]]])
    see.raises(lambda: nf.conv_transpose2d(x, weight, None, (1, 0)), "ValueError", mentions=["conv_transpose2d", 0])
    see.raises(lambda: nf.conv_transpose2d(x, weight, None, 0), "ValueError", mentions=["conv_transpose2d", 0])
    see.raises(lambda: nf.conv_transpose2d(x, weight, None, 1, -1), "ValueError", mentions=["conv_transpose2d", -1])
