"""The names that docs/contract.md promises, by owner, and those of them that PyTorch has nothing for."""

import neural_framework as nf

PAGE = "contract.md"

# Owner of the names -> an object that has them.
OWNERS = {
    "package": nf,
    "operations": nf.operations,
    "Tensor": nf.Tensor(1.0),
    "Module": nf.Linear(1, 1),
    "Sequential": nf.Sequential(),
    "init": nf.init,
    "Optimizer": nf.SGD([nf.Tensor(1.0, requires_grad=True)]),
    "Scheduler": nf.StepLR(nf.SGD([nf.Tensor(1.0, requires_grad=True)]), 1),
    "TrainingMonitor": nf.TrainingMonitor(),
    "BroadcastingError": nf.BroadcastingError((2,), (3,), "add"),
    "NumericalInstabilityError": nf.NumericalInstabilityError("loss", nan_count=1, inf_count=0),
}

NAMES = {
    "package": """
        Tensor from_numpy zeros ones full randn rand arange manual_seed maximum minimum where concatenate stack
        no_grad is_recording random_generator apply Operation broadcast_shapes unbroadcast_gradient topological_sort
        numerical_gradient check_gradients graph_to_dot print_graph trace_shapes explore
        NeuralFrameworkError ShapeError BroadcastingError GradientError NumericalInstabilityError CheckpointError
        Parameter Module Linear ReLU Sigmoid Tanh LeakyReLU Softmax Sequential ModuleList Dropout Embedding
        RNNCell LSTMCell GRUCell RNN LSTM GRU init
        MSELoss L1Loss BCELoss BCEWithLogitsLoss CrossEntropyLoss cross_entropy
        Optimizer SGD Adam AdamW RMSprop clip_grad_norm_ clip_grad_value_
        StepLR CosineAnnealingLR ExponentialLR ReduceLROnPlateau LinearWarmup
        DataLoader training_step train_epoch validate fit accuracy
        save_checkpoint load_checkpoint TrainingMonitor check_gradient_flow
        errors operations autodiff tensor modules optim training explorer
    """,
    "operations": """
        Add Subtract Multiply Divide Negate Power MatMul Exp Log Sqrt Abs Sin Cos Tanh Sigmoid ReLU LeakyReLU Clip
        Maximum Minimum Where Sum Mean Max Min Reshape Transpose BroadcastTo Index Concatenate Stack LogSoftmax
    """,
    "Tensor": """
        data requires_grad grad grad_fn shape dtype ndim size T is_leaf backward
        __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __pow__ __rpow__ __neg__
        __matmul__ __rmatmul__ __lt__ __le__ __gt__ __ge__ __eq__ __hash__ __bool__ __float__ __len__ __iter__
        __iadd__ __isub__ __imul__ __itruediv__ __getitem__ __array__ __repr__ matmul item
        exp log sqrt abs sin cos tanh sigmoid relu leaky_relu clip sum mean max min var softmax log_softmax
        reshape transpose swapaxes squeeze unsqueeze flatten broadcast_to
        detach numpy tolist requires_grad_ zero_grad retain_grad copy astype
        argmax argmin numel __contains__ __format__
    """,
    "Module": """
        register_parameter register_module register_buffer forward __call__ parameters named_parameters children
        named_children named_modules modules train eval training zero_grad parameter_count parameter_summary
        state_dict load_state_dict extra_repr reset_parameters __repr__
    """,
    "Sequential": "append __len__ __getitem__ __iter__",
    "init": """
        xavier_uniform_ xavier_normal_ kaiming_uniform_ kaiming_normal_ uniform_ normal_ zeros_ ones_ eye_
    """,
    "Optimizer": "param_groups state zero_grad step add_param_group state_dict load_state_dict",
    "Scheduler": "step get_last_lr state_dict load_state_dict",
    "TrainingMonitor": "log_step get_diagnostics",
    "BroadcastingError": "details shapes operation shape1 shape2 step_analysis",
    "NumericalInstabilityError": "nan_count inf_count",
}

# Why names cannot be compared -> those names; "owner.*" stands for all of an owner.
NO_COUNTERPART = {
    "a room": "package.errors package.operations package.autodiff package.tensor package.modules package.optim "
    "package.training package.explorer",
    "PyTorch extends its graph by autograd.Function, and orders it out of sight": "package.apply package.Operation "
    "package.topological_sort",
    "PyTorch's generator is not NumPy's": "package.random_generator",
    "PyTorch's gradcheck keeps its differences to itself": "package.numerical_gradient",
    "PyTorch neither draws graphs nor traces shapes": "package.graph_to_dot package.print_graph package.trace_shapes "
    "package.explore",
    "errors are our own": "package.NeuralFrameworkError package.ShapeError package.BroadcastingError "
    "package.GradientError package.NumericalInstabilityError package.CheckpointError BroadcastingError.* "
    "NumericalInstabilityError.*",
    "texts are our own": "Tensor.__repr__ Module.__repr__ Module.parameter_summary",
    "PyTorch leaves loops, metrics and monitors to its users": "package.train_epoch package.validate package.fit "
    "package.accuracy package.TrainingMonitor package.check_gradient_flow TrainingMonitor.*",
    "files are our own": "package.save_checkpoint package.load_checkpoint",
}

# What else the page writes as code: Python's words, arguments, examples, keys, the names of weights and files.
OTHER_WORDS = """
    __init__ accumulation array asarray axis bias bias_hh bias_ih bool callback cell check_frequency dim elementwise
    epoch equal errstate False float float32 gain Generator group hash hidden_size ignore_index in inputs keepdim
    keepdims key len lengths loss lr max_grad_norm metrics mode needs_grad neural_framework None none np npz number
    ok operations path pickle py random reduction repr result retain_graph rnn self solutions starter std super
    train_accuracy train_loss True type update validation_accuracy validation_loss value vs weight weight_hh
    weight_ih X_l0
"""
