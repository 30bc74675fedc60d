"""Another body for optim/sgd.py: new arrays at each step, and the state under PyTorch's name."""


class SGD:
    def update(self, parameter, grad, state, group):
        direction = grad.copy()
        direction += group["weight_decay"] * parameter.data
        if group["momentum"] != 0:
            before = state.get("momentum_buffer")
            gathered = direction.copy() if before is None else group["momentum"] * before + direction
            state["momentum_buffer"] = gathered
            direction = direction + group["momentum"] * gathered if group["nesterov"] else gathered
        parameter.data[...] = parameter.data - group["lr"] * direction
