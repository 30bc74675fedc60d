"""torch.nn.init, on Tensors."""

from torch.nn import init


def in_place(function):
    """A function of torch.nn.init that fills a Tensor and returns it."""

    def fill(tensor, *settings, **named):
        function(tensor.value, *settings, **named)
        return tensor

    return fill


xavier_uniform_, xavier_normal_ = in_place(init.xavier_uniform_), in_place(init.xavier_normal_)
kaiming_uniform_, kaiming_normal_ = in_place(init.kaiming_uniform_), in_place(init.kaiming_normal_)
uniform_, normal_ = in_place(init.uniform_), in_place(init.normal_)
zeros_, ones_, eye_ = in_place(init.zeros_), in_place(init.ones_), in_place(init.eye_)
