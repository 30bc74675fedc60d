"""4.8 DataLoader: samples and labels in batches."""

import numpy as np

import neural_framework as nf

SAMPLES = np.column_stack([2.0 * np.arange(10), 2.0 * np.arange(10) + 1.0])  # sample i is (2 i, 2 i + 1)
LABELS = np.arange(10) * 100


def test_batches_come_in_order_without_shuffling(see, seed):
    """Ten samples in batches of four give batches of 4, 4 and the remaining 2, in the order of the data."""
    nf.manual_seed(seed)
    batches = list(nf.DataLoader(data(), batch_size=4, shuffle=False))
    see.equal([labels.tolist() for _, labels in batches], [[0, 100, 200, 300], [400, 500, 600, 700], [800, 900]])
    see.equal(batches[1][0], SAMPLES[4:8])


def test_without_shuffling_nothing_moves(see, seed):
    """With shuffle=False the samples come in the order of the data, in every epoch."""
    nf.manual_seed(seed)
    loader = nf.DataLoader((np.zeros(60), np.array(range(60))), batch_size=7, shuffle=False)
    see.equal(epoch(loader), list(range(60)))
    see.equal(epoch(loader), list(range(60)))


def test_drop_last_leaves_out_what_fills_no_batch(see, seed):
    """With drop_last the two remaining samples are left out, but if all batches are full, nothing is."""
    nf.manual_seed(seed)
    batches = list(nf.DataLoader(data(), batch_size=4, shuffle=False, drop_last=True))
    see.equal([labels.tolist() for _, labels in batches], [[0, 100, 200, 300], [400, 500, 600, 700]])
    see.close(batches[0][0], SAMPLES[:4])
    batches = list(nf.DataLoader(data(), batch_size=5, drop_last=True))
    see.equal([len(labels) for _, labels in batches], [5, 5])


def test_len_is_the_number_of_batches(see):
    """len(loader) counts batches, not samples: the smaller last batch counts as one, unless it is dropped."""
    for batch_size, kept, dropped in ((4, 3, 2), (5, 2, 2), (10, 1, 1), (11, 1, 0), (1, 10, 10)):
        see.equal(len(nf.DataLoader(data(), batch_size)), kept)
        see.equal(len(nf.DataLoader(data(), batch_size, drop_last=True)), dropped)


def test_without_samples_there_is_no_batch(see):
    """No samples fill no batch, not even a smaller last one: the length is 0, and an epoch is empty."""
    loader = nf.DataLoader((SAMPLES[:0], LABELS[:0]), batch_size=4, shuffle=False)
    see.equal([len(loader), len(list(loader))], [0, 0])
    see.equal(len(nf.DataLoader((SAMPLES[:1], LABELS[:1]), batch_size=4)), 1)


def test_an_epoch_holds_every_sample_once(see, seed):
    """Shuffling (the default) loses no sample and repeats none."""
    nf.manual_seed(seed)
    labels = epoch(nf.DataLoader(data(), batch_size=3))
    see.equal(len(labels), 10)
    see.equal(sorted(labels), LABELS.tolist())


def test_labels_stay_with_their_samples(see, seed):
    """Samples and labels are shuffled in the same order: each sample keeps its own label."""
    nf.manual_seed(seed)
    loader = nf.DataLoader(data(), batch_size=3)
    rows = np.concatenate([np.column_stack([labels.data, samples.data]) for samples, labels in loader])
    see.close(rows[np.argsort(rows[:, 0])], np.column_stack([LABELS, SAMPLES]))


def test_each_epoch_has_a_new_order(see, seed):
    """Each epoch is shuffled again: its order is neither that of the data nor that of the last epoch."""
    nf.manual_seed(seed)
    loader = nf.DataLoader((np.zeros(60), np.array(range(60))), batch_size=7)
    first, second = epoch(loader), epoch(loader)
    see.at_least(differences(first, range(60)), 30)
    see.at_least(differences(first, second), 30)
    see.equal(sorted(second), list(range(60)))


def test_the_order_is_shuffled_across_batches(see, seed):
    """Shuffling mixes the samples of the whole set, not only the batches, and not only the samples within a batch."""
    nf.manual_seed(seed)
    loader = nf.DataLoader((np.zeros(60), np.array(range(60))), batch_size=10)
    spans = [np.ptp(labels.data) for _, labels in loader]
    see.at_least(max(spans), 20)  # ten neighbours span 9
    see.equal(sorted(epoch(loader)), list(range(60)))


def test_manual_seed_repeats_the_epochs(see, seed):
    """After manual_seed(n) the same epochs come again in the same orders; another seed gives other orders."""
    loader = nf.DataLoader((np.zeros(60), np.array(range(60))), batch_size=7)
    runs = []
    for n in (seed, seed, seed + 1):
        nf.manual_seed(n)
        runs.append(epoch(loader) + epoch(loader))
    see.at_most(differences(runs[0], runs[1]), 0)
    see.at_least(differences(runs[0], runs[2]), 30)


def test_batches_are_tensors_of_the_same_dtype(see):
    """A batch is a pair of Tensors that do not require grad, each with the dtype of its array."""
    for dtype in ("float64", "float32", "uint8"):
        samples, labels = next(iter(nf.DataLoader((SAMPLES.astype(dtype), LABELS.astype("int16")), batch_size=4)))
        see.equal([isinstance(samples, nf.Tensor), isinstance(labels, nf.Tensor)], [True, True])
        see.equal([samples.dtype, labels.dtype], [dtype, "int16"])
        see.equal([samples.requires_grad, labels.requires_grad], [False, False])


def test_samples_may_have_any_shape(see, seed):
    """Only axis 0 is cut into batches: images, sequences and single numbers keep their other axes."""
    nf.manual_seed(seed)
    images, targets = np.arange(60.0).reshape(5, 3, 4), np.arange(10.0).reshape(5, 2)
    batches = list(nf.DataLoader((images, targets), batch_size=2, shuffle=False))
    see.equal([x.shape for x, _ in batches], [(2, 3, 4), (2, 3, 4), (1, 3, 4)])
    see.equal(batches[2][0], images[4:])
    see.equal(batches[2][1], targets[4:])


def test_the_data_itself_stays_in_order(see, seed):
    """Shuffling affects only the batches: the arrays that were passed in do not change."""
    nf.manual_seed(seed)
    samples, labels = data()
    epoch(nf.DataLoader((samples, labels), batch_size=4))
    see.equal(samples, SAMPLES)
    see.equal(labels, LABELS)


def test_batches_are_copies(see):
    """A batch may be changed, for example to normalise it: the arrays that were passed in do not change with it."""
    for shuffle in (False, True):
        samples, labels = data()
        for batch, targets in nf.DataLoader((samples, labels), batch_size=4, shuffle=shuffle):
            batch.data[...], targets.data[...] = -1.0, -1
        see.equal(samples, SAMPLES)
        see.equal(labels, LABELS)


def test_an_epoch_left_early_does_not_shorten_the_next(see, seed):
    """After a loop that ends early, the next one starts at the beginning, even while the first is still in use."""
    nf.manual_seed(seed)
    loader = nf.DataLoader(data(), batch_size=4, shuffle=False)
    walk = iter(loader)
    next(walk)
    see.equal(epoch(loader), LABELS.tolist())
    see.equal(next(walk)[1].tolist(), [400, 500, 600, 700])
    shuffled = nf.DataLoader((np.zeros(60), np.array(range(60))), batch_size=30)
    first, second = [], []
    for (_, labels), (_, others) in zip(shuffled, shuffled, strict=True):  # two walks at once, each in its own order
        first += labels.tolist()
        second += others.tolist()
    see.equal([len(set(first)), len(set(second))], [60, 60])  # different samples


def data():
    """New copies of samples and labels: whatever a loader does to them, other checks do not see it."""
    return SAMPLES.copy(), LABELS.copy()


def epoch(loader):
    """The labels of one epoch of a loader."""
    return [label for _, labels in loader for label in labels.tolist()]


def differences(first, second):
    """In how many positions two sequences of the same length differ."""
    return sum(bool(a != b) for a, b in zip(first, second, strict=True))
