"""The steps that recurrent cells have in common."""


def weighted_rows(cell, x, hidden):
    """x @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh: (N, gates * H)."""
    from_input = x @ cell.weight_ih.T
    from_input = from_input + cell.bias_ih
    from_state = hidden @ cell.weight_hh.T
    from_state = from_state + cell.bias_hh
    return from_input + from_state


def output_of_state(state):
    """The output of a step: the state itself, or the h of a state (h, c)."""
    if isinstance(state, (tuple, list)):
        return state[0]
    return state
