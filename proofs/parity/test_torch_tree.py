"""PyTorch takes the course, in proofs/parity/torch_tree: it fails only where the contract says that it differs.

A check that asks for more than the contract does shows here: PyTorch was not written to please it.
"""

import re
from pathlib import Path

import pytest

from grader.course.milestones import checks_of, course
from grader.files import DOCS
from grader.grade import grade

TREE = Path(__file__).parent / "torch_tree"

# What the contract says: what PyTorch does instead, and the checks that it therefore fails.
DIFFERENCES = {
    "With `requires_grad=True`, data of ints or bools becomes float32": (
        "refuses them",
        ["test_1_01_tensor::test_integers_that_require_grad_become_float32"],
    ),
    "Complex, string, object and ragged data, and such a `dtype`: TypeError": (
        "has complex tensors; where a real dtype is asked for, the imaginary part is dropped",
        [
            "test_1_01_tensor::test_data_that_is_no_real_number_is_a_type_error",
            "test_1_01_tensor::test_a_dtype_does_not_turn_text_into_numbers",
            "test_1_01_tensor::test_a_dtype_of_other_data_is_a_type_error",
        ],
    ),
    "Numbers that an integer dtype cannot hold (300 as int8, nan, 2**63 in a list)": (
        "refuses them in lists, and converts arrays as NumPy does",
        ["test_1_01_tensor::test_arrays_that_an_integer_dtype_cannot_hold_are_refused"],
    ),
    "integers divided, averaged, or times a float give float64": (
        "gives float32, and refuses to average them",
        [
            "test_1_04_arithmetic::test_integers_stay_integers_until_a_fraction_may_come",
            "test_1_08_kinks::test_integers_keep_what_they_are_worth",
            "test_1_09_reductions::test_dtypes_of_reductions",
        ],
    ),
    "an empty one reduces nothing, as in NumPy": (
        "reduces everything",
        [
            "test_1_09_reductions::test_axes_may_be_negative_or_several",
            "test_2_09_reductions::test_a_mean_along_every_axis",
            "test_2_09_reductions::test_max_and_min_along_every_axis",
        ],
    ),
    "to apply one that was recorded is a GradientError": (
        "makes a node for each call",
        ["test_1_03_recording::test_an_operation_records_one_step"],
    ),
    "`broadcast_to`, `concatenate` and `stack` give new arrays": (
        "gives a view, which shows an element several times",
        ["test_1_10_shapes::test_broadcast_to_makes_a_new_array"],
    ),
    "indexing with ints, slices, `None`": (
        "refuses slices with a negative step, and keys of other integers than 32 and 64 bits",
        [
            "test_1_11_indexing::test_integers_and_slices",
            "test_2_11_shapes_and_indexing::test_a_key_of_small_integers_reaches_every_element",
        ],
    ),
    "`grad_fn.inputs` the tuple of input Tensors by identity": (
        "has nodes with names of their own (AddBackward0), which know the nodes before them, but no tensors",
        [
            "test_1_03_recording::test_results_are_recorded_as_inputs_of_the_next_operation",
            "test_1_04_arithmetic::test_arithmetic_is_recorded",
            "test_1_05_matmul::test_a_product_is_recorded",
            "test_1_06_smooth::test_smooth_functions_are_recorded",
            "test_1_07_stable::test_the_stable_functions_are_recorded",
            "test_1_08_kinks::test_functions_with_kinks_are_recorded",
            "test_1_09_reductions::test_reductions_are_recorded",
            "test_1_10_shapes::test_changes_of_shape_are_recorded",
            "test_1_11_indexing::test_picking_and_joining_are_recorded",
            "test_2_01_topological_order::test_a_diamond_with_one_long_arm_waits_for_the_long_arm",
            "test_2_01_topological_order::test_the_order_of_creation_is_not_assumed_to_be_the_order_of_use",
            "test_2_01_topological_order::test_sixty_doublings_take_no_longer_than_sixty_operations",
            "test_2_01_topological_order::test_one_operation_that_takes_a_tensor_twice_is_one_operation",
        ],
    ),
    "the Operations that lead to it, each once": (
        "has nodes, which are not Operations with forward and backward on arrays",
        ["test_2_01_topological_order::test_what_needs_no_gradient_is_not_in_the_order"],
    ),
    "an Operation whose `backward` returns a wrong number or shape": (
        "sums a gradient (1, 2) back to (2,)",
        ["test_2_02_accumulation::test_an_operation_that_returns_a_gradient_of_another_shape_is_named"],
    ),
    "or a `.grad` whose data was given another shape": (
        "calls it a RuntimeError",
        ["test_2_02_accumulation::test_a_grad_of_another_shape_is_refused_before_any_is_changed"],
    ),
    "A backward that raises changes no `.grad`": (
        "adds to each `.grad` as soon as it gets there",
        [
            "test_2_02_accumulation::test_a_backward_that_raises_changes_no_gradient",
            "test_2_03_seed_and_release::test_a_released_part_inside_another_graph_is_noticed",
        ],
    ),
    "its `inputs` become `()` and saved arrays go": (
        "frees the arrays that it saved itself; the nodes, and what they hold otherwise, stay",
        [
            "test_2_03_seed_and_release::test_backward_releases_the_graph",
            "test_2_03_seed_and_release::test_retain_graph_keeps_the_graph_for_another_backward",
            "test_2_03_seed_and_release::test_a_released_operation_lets_go_of_what_led_to_it",
        ],
    ),
    "What has derivative 0 gets 0 from an infinite gradient too": (
        "multiplies by a mask in amax and amin",
        ["test_2_09_reductions::test_only_the_extreme_receives_an_infinite_gradient"],
    ),
    "ValueError unless it requires grad; None removes": (
        "keeps the name for parameters",
        [
            "test_3_01_registration::test_none_takes_a_parameter_away",
            "test_3_01_registration::test_a_name_that_was_registered_as_none_is_free",
        ],
    ),
    "`register_module(name, module)` (TypeError unless a Module)": (
        "removes the child, given None",
        ["test_3_01_registration::test_register_module_refuses_what_is_not_a_module"],
    ),
    "Assigning a Parameter or Module as an attribute registers it": (
        "takes no Module in the place of a Parameter",
        [
            "test_3_01_registration::test_the_last_assignment_wins_whatever_was_there",
            "test_3_02_traversal::test_what_was_removed_or_replaced_comes_no_more",
        ],
    ),
    "every dotted name, buffers too -> array copies": (
        "hands out the parameters' own memory",
        ["test_3_04_state_dicts::test_state_dict_is_a_copy"],
    ),
    "cycles in the module tree do not loop": (
        "ends only the walks of parameters and modules; train, eval and a state dict end in a RecursionError",
        [
            "test_3_03_modes::test_modules_in_a_ring_are_all_reached",
            "test_3_04_state_dicts::test_a_child_that_points_back_ends_the_walk",
            "test_3_04_state_dicts::test_a_circle_of_any_length_ends_the_walk",
        ],
    ),
    "all listed in one NeuralFrameworkError, and then nothing changed": (
        "loads what fits, and then raises",
        [
            "test_3_04_state_dicts::test_a_failing_load_changes_nothing",
            "test_3_04_state_dicts::test_what_is_no_real_number_does_not_fit",
            "test_3_04_state_dicts::test_a_shape_that_would_broadcast_does_not_fit",
        ],
    ),
    "of fewer than 2 dimensions: ShapeError naming the function": (
        "raises a ValueError that does not say which function",
        ["test_3_05_initialisation::test_a_weight_has_two_axes_at_least"],
    ),
    "weight `(out, in)` Xavier uniform, bias zeros": (
        "draws both from U(-1/sqrt(in), 1/sqrt(in))",
        [
            "test_3_06_linear::test_a_new_layer_is_xavier_uniform_with_zero_bias",
            "test_3_06_linear::test_reset_parameters_draws_anew",
        ],
    ),
    "`Sequential(*modules)` or `Sequential([..])`": (
        "takes no list",
        [
            "test_3_07_activations_and_sequential::test_sequential_takes_a_list_too",
            "test_3_07_activations_and_sequential::test_an_empty_sequential_changes_nothing",
        ],
    ),
    "p outside [0, 1): ValueError": (
        "drops everything where p is 1",
        ["test_3_08_dropout::test_p_must_leave_something"],
    ),
    "integer indices of any shape": (
        "takes int64 and int32 only",
        ["test_3_09_embedding::test_any_integer_dtype_counts"],
    ),
    "(a Tensor, an array or a list)": (
        "takes no list",
        ["test_3_09_embedding::test_arrays_and_lists_are_indices_too"],
    ),
    "IndexError naming the layer, index and range": (
        "says that an index is out of range, not which",
        [
            "test_3_09_embedding::test_an_index_beyond_the_table_is_named",
            "test_3_09_embedding::test_a_negative_index_is_no_index",
        ],
    ),
    "another shape of x or of the state: ShapeError naming the layer": (
        "takes one sample, without a batch, as well",
        [
            "test_3_10_rnn_cell::test_other_shapes_are_refused",
            "test_3_11_lstm_cell::test_other_shapes_are_refused",
        ],
    ),
    "differing shapes are a ShapeError, never a silent broadcast": (
        "warns, and broadcasts",
        [
            "test_4_01_mean_squared_error::test_shapes_that_would_broadcast_are_refused",
            "test_4_01_mean_squared_error::test_one_target_for_many_predictions_is_refused",
        ],
    ),
    "logarithms not below -100, in the gradient of the targets too": (
        "takes the logarithms as they are in the gradient of the targets",
        ["test_4_02_binary_cross_entropy::test_the_gradient_of_targets_where_p_is_0_or_1"],
    ),
    "a max_norm that is negative or nan: a ValueError naming it": (
        "takes any number",
        ["test_4_07_gradient_clipping::test_a_limit_below_0_is_refused"],
    ),
    "raises NumericalInstabilityError, and that step changes no parameter": (
        "takes the step, with nan and inf",
        [
            "test_4_09_training_step::test_a_loss_that_is_nan_or_infinite_stops_the_step",
            "test_4_09_training_step::test_a_gradient_that_is_infinite_or_nan_stops_the_step",
            "test_4_09_training_step::test_clipping_does_not_hide_an_infinite_gradient",
            "test_4_09_training_step::test_an_infinite_gradient_outside_the_model_stops_the_step",
            "test_4_09_training_step::test_an_infinite_gradient_that_is_not_trained_stops_the_step",
            "test_4_09_training_step::test_after_a_bad_batch_training_goes_on",
        ],
    ),
    "(eval mode, no recording, mode restored)": (
        "has no loop; that of its tutorials stays in eval mode",
        [
            "test_4_10_epoch_validation_accuracy::test_an_error_on_the_way_restores_the_mode",
            "test_4_10_epoch_validation_accuracy::test_validation_sees_the_model_in_eval_mode",
        ],
    ),
    "the parameters of the model and those that only the optimizer has": (
        "has no loop; that of its tutorials clears the optimizer's gradients alone, and clips the model's alone",
        [
            "test_4_09_training_step::test_clipping_counts_parameters_outside_the_model",
            "test_4_09_training_step::test_what_the_optimizer_does_not_train_begins_anew_too",
        ],
    ),
    "and none by an empty one; no batch with samples: ValueError": (
        "has no loop; that of its tutorials divides by zero, and takes the loss of an empty batch, nan, for a loss",
        [
            "test_4_10_epoch_validation_accuracy::test_validation_without_a_batch_is_an_error",
            "test_4_10_epoch_validation_accuracy::test_an_epoch_without_a_batch_is_an_error",
            "test_4_10_epoch_validation_accuracy::test_empty_batches_count_for_nothing",
            "test_4_10_epoch_validation_accuracy::test_empty_batches_alone_are_no_batch",
        ],
    ),
    "squares that float32 cannot hold make it neither inf nor 0": (
        "squares in the gradient's own dtype",
        ["test_4_07_gradient_clipping::test_squares_that_float32_cannot_hold"],
    ),
    "targets of another shape than the guesses: ShapeError": (
        "has no accuracy; what its tutorials compare broadcasts",
        ["test_4_10_epoch_validation_accuracy::test_accuracy_wants_one_class_for_each_sample"],
    ),
}


@pytest.fixture(scope="module")
def verdicts():
    """The verdicts on PyTorch, one for each milestone that counts."""
    tasks = [task for milestone in course() if not milestone.elective for task in milestone.tasks]
    return grade(TREE, checks_of(tasks)).finish()


def test_pytorch_fails_where_the_contract_differs_from_it_and_nowhere_else(verdicts):
    checks = [check for verdict in verdicts for task in verdict.tasks for check in task.checks]
    failing = {check.check.id: check.message for check in checks if not check.passed}
    expected = [check for _, checks in DIFFERENCES.values() for check in checks]
    assert {check: message for check, message in failing.items() if check not in expected} == {}
    assert sorted(expected) == sorted(failing)


def test_the_score_is_that_of_the_page_about_proofs(verdicts):
    page = " ".join((DOCS / "proofs.md").read_text(encoding="utf-8").split())
    stated = re.search(r"PyTorch takes this course and scores (\d+) of (\d+)", page)
    score, most = (sum(getattr(verdict, name) for verdict in verdicts) for name in ("score", "max_score"))
    assert stated is not None and stated.groups() == (f"{score:.0f}", f"{most:.0f}")


def test_the_contract_states_every_difference():
    contract = " ".join((DOCS / "contract.md").read_text(encoding="utf-8").split())
    assert [phrase for phrase in DIFFERENCES if phrase not in contract] == []
